//! Lists on the screen are changed row by row: an element keeps its place, its focus and its pressed finger while the rest changes.

use slint::{Model as _, ModelRc, SharedString, VecModel};

/// The model for `rows`: the one that is on the screen already, changed where it differs, or a new one.
pub(super) fn sync<T: Clone + PartialEq + 'static>(on_screen: &ModelRc<T>, rows: Vec<T>) -> ModelRc<T> {
    sync_by(on_screen, rows, PartialEq::eq)
}

/// As [`sync`], for rows that hold lists themselves and so cannot be compared by `==` (a list equals only itself there).
pub(super) fn sync_by<T: Clone + 'static>(
    on_screen: &ModelRc<T>,
    rows: Vec<T>,
    same: impl Fn(&T, &T) -> bool,
) -> ModelRc<T> {
    let Some(model) = on_screen.as_any().downcast_ref::<VecModel<T>>() else {
        return ModelRc::new(VecModel::from(rows));
    };
    while model.row_count() > rows.len() {
        model.remove(model.row_count() - 1);
    }
    for (index, row) in rows.into_iter().enumerate() {
        match model.row_data(index) {
            Some(shown) if same(&shown, &row) => {}
            Some(_) => model.set_row_data(index, row),
            None => model.push(row),
        }
    }
    on_screen.clone()
}

/// Words for a list of words.
pub(super) fn words(on_screen: &ModelRc<SharedString>, texts: &[String]) -> ModelRc<SharedString> {
    sync(on_screen, texts.iter().map(SharedString::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_on_the_screen_is_kept_and_changed_in_place() {
        let first = sync(&ModelRc::default(), vec![1, 2, 3]);
        let second = sync(&first, vec![1, 5]);
        assert_eq!(first, second, "the same list object, so the elements on the screen live on");
        assert_eq!(second.iter().collect::<Vec<_>>(), [1, 5]);
        let third = sync(&second, vec![1, 5, 8, 9]);
        assert_eq!(third.iter().collect::<Vec<_>>(), [1, 5, 8, 9]);
    }
}
