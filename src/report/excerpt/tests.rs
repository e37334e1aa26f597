use super::*;
use crate::report::fixture::label;

/// The quoted text with `«»` around each label, and the header's line and column of each.
fn excerpt(text: &str, spans: &[(usize, usize)]) -> (String, Vec<(usize, usize)>) {
    let source = Source::new("a.yaml", text);
    let labels: Vec<Label> = spans.iter().map(|&(start, end)| label(0, start..end, &format!("{start}"))).collect();
    let made = Excerpt::new(&source, &labels.iter().collect::<Vec<_>>(), 80, true);
    let mut shown = made.text.clone();
    let mut cuts: Vec<_> = made.marks.iter().flat_map(|mark| [(mark.shown.start, "«"), (mark.shown.end, "»")]).collect();
    cuts.sort_by_key(|cut| cut.0);
    cuts.into_iter().rev().for_each(|(at, sign)| shown.insert_str(at, sign));
    let place = |mark: &Mark| {
        let place = made.read_span(&mark.shown.clone().into(), 0, 0).unwrap();
        (place.line() + 1, place.column() + 1)
    };
    (shown, made.marks.iter().map(place).collect())
}

#[test]
fn places_are_counted_in_characters() {
    // Ä has 2 bytes, 日 has 3: the label starts at byte 4 + 2 + 3 + 1 = 10, character 5 of line 2
    assert_eq!(excerpt("a:\n Ä日 xy\n", &[(10, 12)]), ("a:\n Ä日 «xy»\n".into(), vec![(2, 5)]));
    assert_eq!(excerpt("\u{feff}a: b\n", &[(6, 7)]), ("a: «b»\n".into(), vec![(1, 4)]));
    assert_eq!(excerpt("\ta:\tb\r\nc\r\n", &[(4, 5)]), ("\ta:\t«b»\nc\n".into(), vec![(1, 5)]));
}

#[test]
fn the_end_of_a_file_can_be_pointed_at() {
    assert_eq!(excerpt("", &[(0, 0)]), ("«»\n".into(), vec![(1, 1)]));
    assert_eq!(excerpt("a: 1", &[(4, 4)]), ("a: 1«»\n".into(), vec![(1, 5)]));
    assert_eq!(excerpt("a: 1\n", &[(5, 5)]), ("a: 1\n«»\n".into(), vec![(2, 1)]));
    assert_eq!(excerpt("a: 1\n", &[(3, 5)]), ("a: «1\n»".into(), vec![(1, 4)]));
    assert_eq!(excerpt("é", &[(1, 900)]), ("«é»\n".into(), vec![(1, 1)]));
    assert_eq!(excerpt("ab", &[(700, 900)]), ("ab«»\n".into(), vec![(1, 3)]));
    assert_eq!(excerpt("abc", &[(2, 1)]), ("ab«»c\n".into(), vec![(1, 3)]));
}

#[test]
fn the_primary_place_comes_first_and_near_ones_join_it() {
    let text: String = (1..=20).map(|nth| format!("l{nth:02}\n")).collect();
    let at = |line: usize| ((line - 1) * 4, (line - 1) * 4 + 3);
    let (shown, places) = excerpt(&text, &[at(15), at(2), at(17), at(20)]);
    assert_eq!(shown, "l14\n«l15»\nl16\n«l17»\nl18\nl19\n«l20»\n\nl01\n«l02»\nl03\n");
    assert_eq!(places, [(15, 1), (17, 1), (20, 1), (2, 1)]);
}

#[test]
fn long_lines_are_cut_around_the_labels() {
    let mut text = String::from("{");
    (0..7_000).for_each(|nth| text += &format!("\"Kéy{nth:04}\":{{\"Type\":\"AWS::S3::Bucket\"}},"));
    assert!(text.len() > 200_000);
    let start = text.find("Kéy3000").unwrap();
    let far = text.find("Kéy0001").unwrap();
    let (shown, places) = excerpt(&text, &[(start, start + 8), (far, far + 8)]);
    assert_eq!(shown, "…3::Bucket\"},\"«Kéy0001»\":{\"Type\":\"AW…3::Bucket\"},\"«Kéy3000»\":{\"Type\":\"AW…\n");
    // an entry has 37 characters, and the brace and a quote come before the first key
    assert_eq!(places, [(1, 1 + 37 + 1 + 1), (1, 1 + 3000 * 37 + 1 + 1)]);
}

#[test]
fn a_long_label_shows_both_ends() {
    let text = format!("a: {}z\n", "x".repeat(500));
    let (shown, _) = excerpt(&text, &[(3, 504)]);
    assert_eq!(shown, format!("a: «{}…{}z»\n", "x".repeat(32), "x".repeat(31)));
}

#[test]
fn a_label_over_many_lines_is_drawn_on_its_first() {
    let text = "k: v\n".repeat(9);
    assert_eq!(excerpt(&text, &[(0, 39)]).0, format!("«{}k: v»\nk: v\n", "k: v\n".repeat(7)));
    assert_eq!(excerpt(&text, &[(0, 45)]).0, "«k: v»\nk: v\n");
}

#[test]
fn labels_on_a_line_do_not_overlap() {
    assert_eq!(excerpt("abcdef\n", &[(2, 4), (0, 6)]).0, "«ab»«cd»ef\n");
    assert_eq!(excerpt("abcdef\n", &[(0, 2), (0, 6)]).0, "«ab»«cdef»\n");
    let source = Source::new("a", "abc");
    let twice = [label(0, 0..3, "one"), label(0, 0..3, "two"), label(0, 0..3, "one")];
    let made = Excerpt::new(&source, &twice.iter().collect::<Vec<_>>(), 80, true);
    assert_eq!(made.labels().map(|label| label.label().unwrap().to_owned()).collect::<Vec<_>>(), ["one\ntwo"]);
}
