//! Labels in a row: `A-M`, `1-20`, `A-H,J-N`, `AA-DD`.

/// The most labels of one list.
pub(super) const LABELS_MAX: usize = 2_000;
/// The longest label, in characters.
pub(super) const LABEL_CHARS_MAX: usize = 20;

/// Reads a list of labels and ranges of labels.
///
/// # Errors
/// In words, when a range cannot be counted, a label is twice in the list, or there are too many.
pub(super) fn labels(text: &str) -> Result<Vec<String>, String> {
    let mut labels: Vec<String> = Vec::new();
    for item in text.split(',').map(str::trim) {
        match item.split_once('-') {
            Some((first, last)) => range(first.trim(), last.trim(), &mut labels)?,
            None => labels.push(item.to_owned()),
        }
        if labels.len() > LABELS_MAX {
            return Err(format!("must be at most {LABELS_MAX} labels"));
        }
    }
    let strange = |label: &&String| label.is_empty() || label.chars().count() > LABEL_CHARS_MAX;
    if let Some(label) = labels.iter().find(strange) {
        return Err(format!("{label:?} is no label: write 1 to {LABEL_CHARS_MAX} characters"));
    }
    let mut sorted: Vec<&String> = labels.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("the label {} comes twice", pair[0])),
        None => Ok(labels),
    }
}

fn range(first: &str, last: &str, labels: &mut Vec<String>) -> Result<(), String> {
    let unclear = || {
        format!(
            "{first}-{last} is no range: write two numbers, two letters, or two doubled letters as in AA-DD"
        )
    };
    if let (Ok(from), Ok(to)) = (first.parse::<u32>(), last.parse::<u32>()) {
        if from.abs_diff(to) as usize >= LABELS_MAX {
            return Err(format!("{first}-{last} has more than {LABELS_MAX} labels"));
        }
        let up = (from..=to).map(|number| number.to_string());
        let down = (to..=from).rev().map(|number| number.to_string());
        labels.extend(up);
        if to < from {
            labels.extend(down);
        }
        return Ok(());
    }
    let (from, count) = repeated(first).ok_or_else(unclear)?;
    let (to, count_of_last) = repeated(last).ok_or_else(unclear)?;
    let same_case = from.is_ascii_uppercase() == to.is_ascii_uppercase();
    if count != count_of_last || !same_case {
        return Err(unclear());
    }
    let letters: Vec<u8> = if from <= to { (from..=to).collect() } else { (to..=from).rev().collect() };
    labels.extend(letters.into_iter().map(|letter| char::from(letter).to_string().repeat(count)));
    Ok(())
}

/// The letter of `A`, `AA`, `AAA`, and how often it stands there.
fn repeated(text: &str) -> Option<(u8, usize)> {
    let letter = *text.as_bytes().first()?;
    let all_equal = text.bytes().all(|other| other == letter);
    (letter.is_ascii_alphabetic() && all_equal && text.len() <= LABEL_CHARS_MAX)
        .then_some((letter, text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_are_counted() {
        let read = |text| labels(text).unwrap().join(" ");
        assert_eq!(read("A-D"), "A B C D");
        assert_eq!(read("A-C, E,G-H"), "A B C E G H");
        assert_eq!(read("AA-CC"), "AA BB CC");
        assert_eq!(read("9-11"), "9 10 11");
        assert_eq!(read("3-1"), "3 2 1");
        assert_eq!(read("c-a"), "c b a");
        assert_eq!(read("Royal box"), "Royal box");
    }

    #[test]
    fn what_cannot_be_counted_is_told() {
        let error = |text| labels(text).unwrap_err();
        assert!(error("A-9").contains("A-9 is no range"));
        assert!(error("A-CC").contains("no range"));
        assert!(error("A-c").contains("no range"));
        assert!(error("AB-AD").contains("no range"));
        assert!(error("1-4000000000").contains("more than 2000"));
        assert!(error("A-C,B").contains("B comes twice"));
        assert!(error("").contains("no label"));
        assert!(error("A,,B").contains("no label"));
        assert!(error(&"x".repeat(21)).contains("no label"));
    }
}
