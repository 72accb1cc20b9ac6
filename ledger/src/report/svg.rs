//! A plot as SVG inside HTML: no script, no font, no address, the same bytes from the same numbers.

use plotters::prelude::*;

use super::draw;
use super::plot::Plot;

/// The plot as an `svg` element, with its title for people who listen.
pub fn svg(plot: &Plot) -> String {
    let mut text = String::new();
    {
        let surface = SVGBackend::with_string(&mut text, (draw::WIDTH, draw::height(plot)));
        let area = surface.into_drawing_area();
        // Writing to a String cannot fail.
        let _ = draw::draw(&area, plot).and_then(|()| area.present());
    }
    let label =
        format!("<svg role=\"img\" aria-label=\"{}\" class=\"plot\" ", super::page::escape(plot.title));
    text.replacen("<svg ", &label, 1).replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1)
}
