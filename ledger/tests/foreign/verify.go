// Verifies an export with the Go project's own packages: the signed note, every entry's hash, the tree and a proof of an entry.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run verify.go EXPORT
//
// Debian: golang-go and golang-golang-x-mod-dev. x/mod names tiles tile/8/L/N, C2SP tile/L/N.
package main

import (
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder struct{ path string }

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		name := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(f.path, name))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	dir := os.Args[1]
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		must(err)
		return data
	}
	// One key for each epoch, all of one name: the note is opened with the one that it names.
	signed := read("checkpoint")
	var opened *note.Note
	var err error
	for _, line := range strings.Fields(string(read("log.vkey"))) {
		verifier, keyError := note.NewVerifier(line)
		must(keyError)
		if opened, err = note.Open(signed, note.VerifierList(verifier)); err == nil {
			break
		}
	}
	must(err)
	var origin string
	var size int64
	var root tlog.Hash
	_, err = fmt.Sscanf(opened.Text, "%s\n%d\n%s\n", &origin, &size, &textHash{&root})
	must(err)
	tree := tlog.Tree{N: size, Hash: root}
	reader := tlog.TileHashReader(tree, folder{dir})
	var stored []tlog.Hash
	at := int64(0)
	for at < size {
		tile := tlog.Tile{H: 8, L: -1, N: at / 256, W: int(min(256, size-at/256*256))}
		name := strings.Replace(tile.Path(), "tile/8/data", "tile/entries", 1)
		bundle := read(name)
		for len(bundle) > 0 {
			length := int(binary.BigEndian.Uint16(bundle))
			entry := bundle[2 : 2+length]
			bundle = bundle[2+length:]
			added, err := tlog.StoredHashes(at, entry, hashes(stored))
			must(err)
			stored = append(stored, added...)
			at++
		}
	}
	found, err := tlog.TreeHash(size, hashes(stored))
	must(err)
	if found != root {
		log.Fatal("the entries are not those of the signed checkpoint")
	}
	middle := size / 2
	proof, err := tlog.ProveRecord(size, middle, reader)
	must(err)
	must(tlog.CheckRecord(proof, size, root, middle, stored[tlog.StoredHashIndex(0, middle)]))
	fmt.Printf("%s: %d entries, signed by %s, tree and proof hold\n", origin, size, opened.Sigs[0].Name)
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, index := range indexes {
		out = append(out, h[index])
	}
	return out, nil
}

type textHash struct{ hash *tlog.Hash }

func (t *textHash) Scan(state fmt.ScanState, verb rune) error {
	token, err := state.Token(true, nil)
	if err != nil {
		return err
	}
	*t.hash, err = tlog.ParseHash(string(token))
	return err
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
