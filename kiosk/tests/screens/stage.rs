//! A window in memory with what was done on it, and its elements as a screen reader sees them.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementRoot as _};
use kiosk::headless::Headless;
use kiosk::model::{Act, Model};
use kiosk::window::{self, AppWindow};
use slint::ComponentHandle;

pub(crate) struct Stage {
    pub(crate) screen: Headless,
    pub(crate) ui: AppWindow,
    pub(crate) acts: Rc<RefCell<Vec<Act>>>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::sized(1280, 800, 1.0)
    }

    /// A screen of so many pixels, drawn by this factor: what of its lengths is longer on the glass.
    pub(crate) fn sized(width: u32, height: u32, scale: f32) -> Self {
        let screen = Headless::new(width, height).unwrap();
        screen.set_scale_factor(scale);
        let ui = AppWindow::new().unwrap();
        ui.show().unwrap();
        let acts = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&acts);
        window::on_act(&ui, Box::new(move |act| seen.borrow_mut().push(act)));
        Self { screen, ui, acts }
    }

    pub(crate) fn show(&self, model: &Model) {
        window::apply(model, &self.ui);
        self.screen.advance(Duration::from_millis(50));
    }

    pub(crate) fn elements(&self) -> Vec<ElementHandle> {
        let found = self.ui.root_element().query_descendants().find_all();
        assert!(
            found.len() > 10,
            "no element is found: the markup was compiled without its debug information"
        );
        found
    }

    /// Everything that can be tapped.
    pub(crate) fn tappable(&self) -> Vec<ElementHandle> {
        let is_tappable = |element: &ElementHandle| {
            matches!(
                element.accessible_role(),
                Some(AccessibleRole::Button | AccessibleRole::RadioButton | AccessibleRole::Checkbox)
            )
        };
        self.elements().into_iter().filter(is_tappable).collect()
    }

    /// Every word a screen reader could say.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for element in self.elements() {
            let said =
                [element.accessible_label(), element.accessible_value(), element.accessible_description()];
            words.extend(said.into_iter().flatten().map(String::from).filter(|text| !text.is_empty()));
        }
        words
    }

    pub(crate) fn find(&self, label: &str) -> Option<ElementHandle> {
        self.tappable()
            .into_iter()
            .find(|element| element.accessible_label().is_some_and(|text| text == label))
    }

    /// A finger on the middle of the element with this label.
    pub(crate) fn tap(&self, label: &str) {
        let element = self.find(label).unwrap_or_else(|| panic!("nothing to tap is labelled {label:?}"));
        let (place, size) = (element.absolute_position(), element.size());
        self.screen.tap(place.x + size.width / 2.0, place.y + size.height / 2.0);
    }

    pub(crate) fn taken(&self) -> Vec<Act> {
        self.acts.borrow_mut().drain(..).collect()
    }
}
