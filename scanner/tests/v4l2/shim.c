/* A V4L2 camera made of code, for tests: preloaded (LD_PRELOAD), it answers the system calls for one device path.
 *
 * Nothing of nokhwa or of the v4l crate is replaced: they open the device, negotiate a format, map buffers and wait for frames through
 * the same calls as with a real one. What the camera is and does comes from the environment:
 *
 *   FAKE_V4L2_PATH     the device, such as /dev/video77
 *   FAKE_V4L2_FORMAT   its pixel format: MJPG, YUYV, NV12, GREY
 *   FAKE_V4L2_FRAME    a file with the bytes of one frame, sent again and again
 *   FAKE_V4L2_WIDTH, FAKE_V4L2_HEIGHT, FAKE_V4L2_RATE
 *   FAKE_V4L2_ERROR    errno of every open()
 *   FAKE_V4L2_UNPLUG   the first stream ends with ENODEV after this many frames; two opens then fail with ENOENT
 *   FAKE_V4L2_FREEZE   the first stream stops for ever after this many frames
 *   FAKE_V4L2_CONTROLS a file to which "ID VALUE" is appended for each control that is set; without it there are no controls
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BUFFERS 8

static int fake = -1;
static int opens, streams;
static long sent;
static void *mapped[BUFFERS];
static unsigned queue[BUFFERS], queued;
static unsigned char *frame;
static size_t frame_bytes, buffer_bytes;

static long setting(const char *name, long otherwise) {
    const char *value = getenv(name);
    return value ? atol(value) : otherwise;
}

static unsigned format(void) {
    const char *f = getenv("FAKE_V4L2_FORMAT");
    return f ? v4l2_fourcc(f[0], f[1], f[2], f[3]) : V4L2_PIX_FMT_YUYV;
}

static long raw(long n, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    if (result < 0 && result > -4096) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

static int fail(int error) {
    errno = error;
    return -1;
}

static int is_ours(const char *path) {
    const char *ours = getenv("FAKE_V4L2_PATH");
    return ours && strcmp(path, ours) == 0;
}

static int open_fake(void) {
    long error = setting("FAKE_V4L2_ERROR", 0);
    if (error) return fail((int)error);
    opens++;
    /* Unplugged: the device node is gone for a while. */
    if (setting("FAKE_V4L2_UNPLUG", 0) && streams == 1 && opens < 4) return fail(ENOENT);
    const char *name = getenv("FAKE_V4L2_FRAME");
    int file = name ? (int)raw(SYS_openat, AT_FDCWD, (long)name, O_RDONLY, 0, 0, 0) : -1;
    struct stat about;
    if (file < 0 || fstat(file, &about)) return fail(EIO);
    free(frame);
    frame_bytes = (size_t)about.st_size;
    frame = malloc(frame_bytes);
    if (read(file, frame, frame_bytes) != (ssize_t)frame_bytes) return fail(EIO);
    raw(SYS_close, file, 0, 0, 0, 0, 0);
    buffer_bytes = (frame_bytes + 4095) / 4096 * 4096;
    queued = 0;
    fake = eventfd(1, 0);
    return fake;
}

static int open_any(const char *path, int flags, mode_t mode) {
    if (is_ours(path)) return open_fake();
    return (int)raw(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0, 0);
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return open_any(path, flags | O_LARGEFILE, mode);
}

int close(int fd) {
    if (fd == fake) fake = -1;
    return (int)raw(SYS_close, fd, 0, 0, 0, 0, 0);
}

static void *map(void *at, size_t length, int prot, int flags, int fd, off_t offset) {
    if (fd >= 0 && fd == fake) {
        void *memory = (void *)raw(SYS_mmap, 0, (long)length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        size_t index = (size_t)offset / buffer_bytes;
        if (memory != MAP_FAILED && index < BUFFERS) mapped[index] = memory;
        return memory;
    }
    return (void *)raw(SYS_mmap, (long)at, (long)length, prot, flags, fd, offset);
}

void *mmap(void *at, size_t length, int prot, int flags, int fd, off_t offset) {
    return map(at, length, prot, flags, fd, offset);
}

void *mmap64(void *at, size_t length, int prot, int flags, int fd, off64_t offset) {
    return map(at, length, prot, flags, fd, offset);
}

static void wait_for_frame(void) {
    long freeze = setting("FAKE_V4L2_FREEZE", 0);
    if (freeze && streams == 1 && sent >= freeze)
        for (;;) sleep(3600);
    long pause = 1000000000L / setting("FAKE_V4L2_RATE", 30);
    struct timespec time = {pause / 1000000000L, pause % 1000000000L};
    nanosleep(&time, NULL);
}

int poll(struct pollfd *fds, nfds_t count, int timeout) {
    if (count == 1 && fake >= 0 && fds[0].fd == fake) {
        wait_for_frame();
        fds[0].revents = fds[0].events;
        return 1;
    }
    return (int)raw(SYS_poll, (long)fds, (long)count, timeout, 0, 0, 0);
}

/* Set as for a person in front of a notebook: fixed focus, long exposures in the dark, mirrored. */
static struct { unsigned id; long long value; } controls[] = {
    {V4L2_CID_FOCUS_AUTO, 0}, {V4L2_CID_EXPOSURE_AUTO_PRIORITY, 1}, {V4L2_CID_HFLIP, 1},
};

static long long *control(unsigned id) {
    if (getenv("FAKE_V4L2_CONTROLS"))
        for (unsigned i = 0; i < sizeof controls / sizeof *controls; i++)
            if (controls[i].id == id) return &controls[i].value;
    return NULL;
}

static int set_control(unsigned id, long long value) {
    long long *held = control(id);
    if (!held) return fail(EINVAL);
    *held = value;
    char line[40];
    int length = snprintf(line, sizeof line, "%x %lld\n", id, value);
    long file = raw(SYS_openat, AT_FDCWD, (long)getenv("FAKE_V4L2_CONTROLS"), O_WRONLY | O_CREAT | O_APPEND, 0600, 0, 0);
    raw(SYS_write, file, (long)line, length, 0, 0, 0);
    raw(SYS_close, file, 0, 0, 0, 0, 0);
    return 0;
}

static int device(unsigned long request, void *argument) {
    long width = setting("FAKE_V4L2_WIDTH", 1280), height = setting("FAKE_V4L2_HEIGHT", 720), rate = setting("FAKE_V4L2_RATE", 30);
    switch ((unsigned)request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *c = argument;
        memset(c, 0, sizeof *c);
        strcpy((char *)c->driver, "shim");
        strcpy((char *)c->card, "camera made of code");
        strcpy((char *)c->bus_info, "test");
        c->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_DEVICE_CAPS;
        c->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        return 0;
    }
    case VIDIOC_ENUM_FMT: {
        struct v4l2_fmtdesc *f = argument;
        if (f->index > 0) return fail(EINVAL);
        f->flags = format() == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
        strcpy((char *)f->description, "the only one");
        f->pixelformat = format();
        return 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
        struct v4l2_frmsizeenum *s = argument;
        if (s->index > 0 || s->pixel_format != format()) return fail(EINVAL);
        s->type = V4L2_FRMSIZE_TYPE_DISCRETE;
        s->discrete.width = (unsigned)width;
        s->discrete.height = (unsigned)height;
        return 0;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
        struct v4l2_frmivalenum *i = argument;
        if (i->index > 0 || i->pixel_format != format()) return fail(EINVAL);
        i->type = V4L2_FRMIVAL_TYPE_DISCRETE;
        i->discrete.numerator = 1;
        i->discrete.denominator = (unsigned)rate;
        return 0;
    }
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
    case VIDIOC_TRY_FMT: {
        struct v4l2_format *f = argument;
        f->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        f->fmt.pix.width = (unsigned)width;
        f->fmt.pix.height = (unsigned)height;
        f->fmt.pix.pixelformat = format();
        f->fmt.pix.field = V4L2_FIELD_NONE;
        f->fmt.pix.bytesperline = 0;
        f->fmt.pix.sizeimage = (unsigned)buffer_bytes;
        f->fmt.pix.colorspace = V4L2_COLORSPACE_SRGB;
        return 0;
    }
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        struct v4l2_streamparm *p = argument;
        p->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
        p->parm.capture.timeperframe.numerator = 1;
        p->parm.capture.timeperframe.denominator = (unsigned)rate;
        return 0;
    }
    case VIDIOC_REQBUFS: {
        struct v4l2_requestbuffers *r = argument;
        if (r->memory != V4L2_MEMORY_MMAP) return fail(EINVAL);
        if (r->count > BUFFERS) r->count = BUFFERS;
        queued = 0;
        return 0;
    }
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *b = argument;
        if (b->index >= BUFFERS) return fail(EINVAL);
        b->length = (unsigned)buffer_bytes;
        b->m.offset = (unsigned)(b->index * buffer_bytes);
        return 0;
    }
    case VIDIOC_QBUF: {
        struct v4l2_buffer *b = argument;
        if (queued >= BUFFERS) return fail(EINVAL);
        queue[queued++] = b->index;
        return 0;
    }
    case VIDIOC_DQBUF: {
        struct v4l2_buffer *b = argument;
        long unplug = setting("FAKE_V4L2_UNPLUG", 0);
        if (unplug && streams == 1 && sent >= unplug) return fail(ENODEV);
        if (queued == 0) return fail(EINVAL);
        b->index = queue[0];
        queued--;
        memmove(queue, queue + 1, queued * sizeof *queue);
        if (!mapped[b->index]) return fail(EIO);
        memcpy(mapped[b->index], frame, frame_bytes);
        b->bytesused = (unsigned)frame_bytes;
        b->length = (unsigned)buffer_bytes;
        b->sequence = (unsigned)sent++;
        b->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_DONE;
        b->field = V4L2_FIELD_NONE;
        return 0;
    }
    case VIDIOC_STREAMON:
        streams++;
        sent = 0;
        return 0;
    case VIDIOC_STREAMOFF:
        queued = 0;
        if (setting("FAKE_V4L2_UNPLUG", 0) && streams == 1) return fail(ENODEV);
        return 0;
    case VIDIOC_QUERY_EXT_CTRL: {
        struct v4l2_query_ext_ctrl *q = argument;
        if (!control(q->id)) return fail(EINVAL);
        q->type = V4L2_CTRL_TYPE_BOOLEAN;
        strcpy(q->name, "switch");
        q->maximum = 1;
        q->step = 1;
        return 0;
    }
    case VIDIOC_S_EXT_CTRLS: {
        struct v4l2_ext_controls *c = argument;
        for (unsigned i = 0; i < c->count; i++)
            if (set_control(c->controls[i].id, c->controls[i].value)) return -1;
        return 0;
    }
    case VIDIOC_G_EXT_CTRLS: {
        struct v4l2_ext_controls *c = argument;
        for (unsigned i = 0; i < c->count; i++) {
            long long *held = control(c->controls[i].id);
            if (!held) return fail(EINVAL);
            c->controls[i].value = (int)*held;
        }
        return 0;
    }
    default:
        /* Selection, priorities: a camera without any. */
        return fail(request == VIDIOC_QUERYCTRL ? EINVAL : ENOTTY);
    }
}

int ioctl(int fd, unsigned long request, ...) {
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    if (fake >= 0 && fd == fake) return device(request, argument);
    return (int)raw(SYS_ioctl, fd, (long)request, (long)argument, 0, 0, 0);
}

/* The v4l crate asks by number. */
long syscall(long number, ...) {
    va_list more;
    va_start(more, number);
    long a = va_arg(more, long), b = va_arg(more, long), c = va_arg(more, long);
    long d = va_arg(more, long), e = va_arg(more, long), f = va_arg(more, long);
    va_end(more);
    if (number == SYS_ioctl && fake >= 0 && a == fake) return device((unsigned long)b & 0xffffffffUL, (void *)c);
    return raw(number, a, b, c, d, e, f);
}
