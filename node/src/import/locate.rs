//! Where in a text a JSON pointer points.

/// A place in a text, both counted from 1. Columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The place of the value that `pointer` (RFC 6901) points to; of the innermost value around it if it is not there.
/// `text` must be JSON.
pub(super) fn locate(text: &str, pointer: &str) -> Place {
    let mut walker = Walker { bytes: text.as_bytes(), at: 0 };
    walker.blank();
    let mut found = walker.at;
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        if !walker.enter(&segment) {
            break;
        }
        found = walker.at;
    }
    place(text, found)
}

/// Line and column of that value, from 1.
pub(crate) fn place_of(text: &str, pointer: &str) -> (usize, usize) {
    let Place { line, column } = locate(text, pointer);
    (line, column)
}

fn place(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}

/// Walks over a text that is JSON. At its end it stays there.
struct Walker<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Walker<'_> {
    /// From the beginning of a value to the beginning of its member or item, if there is one.
    fn enter(&mut self, segment: &str) -> bool {
        match self.peek() {
            Some(b'{') => self.enter_object(segment),
            Some(b'[') => segment.parse().is_ok_and(|index| self.enter_array(index)),
            _ => false,
        }
    }

    fn enter_object(&mut self, name: &str) -> bool {
        self.at += 1;
        loop {
            self.blank();
            if self.peek() != Some(b'"') {
                return false;
            }
            let start = self.at;
            self.skip_string();
            let written = self.bytes.get(start..self.at).unwrap_or_default();
            let is_it = serde_json::from_slice::<String>(written).is_ok_and(|written| written == name);
            self.blank();
            // The colon.
            self.at += 1;
            self.blank();
            if is_it {
                return true;
            }
            self.skip_value();
            self.blank();
            if self.peek() != Some(b',') {
                return false;
            }
            self.at += 1;
        }
    }

    fn enter_array(&mut self, index: usize) -> bool {
        self.at += 1;
        for _before in 0..index {
            self.blank();
            self.skip_value();
            self.blank();
            if self.peek() != Some(b',') {
                return false;
            }
            self.at += 1;
        }
        self.blank();
        self.peek().is_some_and(|byte| byte != b']')
    }

    /// Passes over a value; counts brackets, so that depth costs no stack.
    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.skip_string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' | b',' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
            if depth == 0 && matches!(byte, b'"' | b'}' | b']') {
                return;
            }
        }
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return;
            }
        }
    }

    fn blank(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_found_wherever_it_points() {
        let text = "{\n  \"a\": [1, {\"b/c\": \"}]\\\"\", \"é\": true,\n    \"d~\": null}],\n  \"e\": {}\n}";
        serde_json::from_str::<serde_json::Value>(text).unwrap();
        let at = |pointer: &str| {
            let place = locate(text, pointer);
            (place.line, place.column)
        };
        assert_eq!(at(""), (1, 1));
        assert_eq!(at("/a"), (2, 8));
        assert_eq!(at("/a/0"), (2, 9));
        assert_eq!(at("/a/1"), (2, 12));
        assert_eq!(at("/a/1/b~1c"), (2, 20));
        assert_eq!(at("/a/1/é"), (2, 33));
        assert_eq!(at("/a/1/d~0"), (3, 11));
        assert_eq!(at("/e"), (4, 8));
        // What is not there is looked for in what is.
        assert_eq!(at("/a/1/x/y"), (2, 12));
        assert_eq!(at("/a/7"), (2, 8));
        assert_eq!(at("/e/x"), (4, 8));
        assert_eq!(at("/x"), (1, 1));
    }

    #[test]
    fn garbage_ends_the_walk() {
        for text in ["", "{", "{\"a", "{\"a\"", "{\"a\":", "[1,", "{\"a\\", "]", "é"] {
            let _place = locate(text, "/a/0/b");
            let _place = locate(text, "/3/a");
        }
        let deep = "[".repeat(200_000);
        assert_eq!(locate(&deep, "/1").line, 1);
    }
}
