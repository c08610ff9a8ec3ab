//! `/docs`: the OpenAPI document for people, and the list of problems. One page, no scripts, nothing from elsewhere.

use std::fmt::Write;

use serde_json::Value;

use super::kinds;

/// The page's style sheet.
pub(crate) const STYLE: &str = include_str!("docs.css");

/// Writes the page.
pub(crate) fn page(document: &Value) -> String {
    let mut page = Page(String::new());
    page.0.push_str(concat!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Marquee API</title>",
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
        "<meta name=\"color-scheme\" content=\"light dark\"><link rel=\"stylesheet\" href=\"/docs/style.css\">",
        "</head><body>",
    ));
    let groups = groups(document);
    page.contents(&groups);
    page.0.push_str("<main><h1>Marquee API</h1>");
    page.prose(text(&document["info"]["description"]));
    page.0.push_str("<p>For programs: <a href=\"/openapi.json\">/openapi.json</a> (OpenAPI 3.1).</p>");
    for group in &groups {
        page.group(document, group);
    }
    page.problems();
    page.0.push_str("</main></body></html>");
    page.0
}

struct Group<'d> {
    name: &'d str,
    description: &'d str,
    /// Path, method, operation.
    operations: Vec<(&'d str, &'d str, &'d Value)>,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The operations by tag, in the order of the tags.
fn groups(document: &Value) -> Vec<Group<'_>> {
    let tags = document["tags"].as_array().into_iter().flatten();
    let mut groups: Vec<_> = tags
        .map(|tag| Group {
            name: text(&tag["name"]),
            description: text(&tag["description"]),
            operations: Vec::new(),
        })
        .collect();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let tag = text(&operation["tags"][0]);
            if let Some(group) = groups.iter_mut().find(|group| group.name == tag) {
                group.operations.push((path, method, operation));
            }
        }
    }
    groups.retain(|group| !group.operations.is_empty());
    groups
}

/// HTML in the making. Text from the document is escaped.
struct Page(String);

impl Page {
    fn contents(&mut self, groups: &[Group<'_>]) {
        self.0.push_str("<nav aria-label=\"Contents\"><strong>Marquee API</strong><ul>");
        for group in groups {
            self.html(format_args!("<li><a href=\"#{0}\">{0}</a><ul>", Escaped(group.name)));
            for (path, method, operation) in &group.operations {
                let title = match text(&operation["summary"]) {
                    "" => path,
                    summary => summary,
                };
                self.html(format_args!("<li><a href=\"#{}\">{}</a>", anchor(method, path), Escaped(title)));
            }
            self.0.push_str("</ul>");
        }
        self.0.push_str("<li><a href=\"#problems\">problems</a></ul></nav>");
    }

    fn group(&mut self, document: &Value, group: &Group<'_>) {
        let (name, description) = (Escaped(group.name), Escaped(group.description));
        self.html(format_args!("<section id=\"{name}\"><h2>{name}</h2><p>{description}</p>"));
        for (path, method, operation) in &group.operations {
            self.operation(document, path, method, operation);
        }
        self.0.push_str("</section>");
    }

    fn operation(&mut self, document: &Value, path: &str, method: &str, operation: &Value) {
        self.html(format_args!(
            "<article id=\"{}\"><h3><code><b class=\"{method}\">{}</b> {}</code></h3>",
            anchor(method, path),
            method.to_uppercase(),
            Escaped(path),
        ));
        self.prose(text(&operation["summary"]));
        self.prose(text(&operation["description"]));
        let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        if !parameters.is_empty() {
            self.0.push_str("<h4>Parameters</h4><dl>");
            for parameter in parameters {
                let parameter = resolve(document, parameter);
                let schema = shape(document, &parameter["schema"], 0);
                self.html(format_args!(
                    "<dt><code>{}</code> <small>{}, {}</small><dd>{}",
                    Escaped(text(&parameter["name"])),
                    Escaped(text(&parameter["in"])),
                    Escaped(schema.trim()),
                    Escaped(text(&parameter["description"])),
                ));
            }
            self.0.push_str("</dl>");
        }
        self.content(document, "Body", &operation["requestBody"]["content"]);
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            if status == "default" {
                continue;
            }
            let words = text(&resolve(document, response)["description"]);
            self.html(format_args!("<h4>{} <small>{}</small></h4>", Escaped(status), Escaped(words)));
            self.content(document, "", &response["content"]);
        }
        self.0.push_str("</article>");
    }

    fn content(&mut self, document: &Value, title: &str, content: &Value) {
        for (media, body) in content.as_object().into_iter().flatten() {
            if !title.is_empty() {
                self.html(format_args!("<h4>{title} <small>{}</small></h4>", Escaped(media)));
            }
            let shape = shape(document, &body["schema"], 0);
            self.html(format_args!("<pre tabindex=\"0\"><code>{}</code></pre>", Escaped(&shape)));
        }
    }

    fn problems(&mut self) {
        self.0.push_str(concat!(
            "<section id=\"problems\"><h2>problems</h2><p>Whatever fails is answered with ",
            "<code>application/problem+json</code>. Programs look at <code>code</code>.</p><dl>",
        ));
        for kind in kinds::ALL {
            self.html(format_args!(
                "<dt id=\"problem-{0}\"><code>{0}</code> <small>{1}</small><dd>{2}. {3}",
                kind.code,
                kind.status,
                Escaped(kind.title),
                Escaped(kind.advice),
            ));
        }
        self.0.push_str("</dl></section>");
    }

    /// Paragraphs; `**strong**` and `` `code` `` are all the markup there is.
    fn prose(&mut self, prose: &str) {
        for paragraph in prose.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            self.0.push_str("<p>");
            for (index, part) in paragraph.split('`').enumerate() {
                if index % 2 == 1 {
                    self.html(format_args!("<code>{}</code>", Escaped(part)));
                    continue;
                }
                for (index, part) in part.split("**").enumerate() {
                    let (open, close) = if index % 2 == 1 { ("<strong>", "</strong>") } else { ("", "") };
                    self.html(format_args!("{open}{}{close}", Escaped(part)));
                }
            }
            self.0.push_str("</p>");
        }
    }

    fn html(&mut self, html: std::fmt::Arguments<'_>) {
        // Writing to a String does not fail.
        let _written = self.0.write_fmt(html);
    }
}

/// The shape of a value, as JSON with the types in place of values.
fn shape(document: &Value, schema: &Value, depth: usize) -> String {
    const DEPTH_MAX: usize = 8;
    let schema = resolve(document, schema);
    let indent = "  ".repeat(depth);
    if depth > DEPTH_MAX {
        return "…".to_owned();
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values.iter().map(ToString::to_string).collect();
        return values.join(" | ");
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema[key].as_array() {
            let choices: Vec<_> = choices.iter().map(|choice| shape(document, choice, depth)).collect();
            return choices.join(if key == "allOf" { " and " } else { " | " });
        }
    }
    if let Some(fields) = schema["properties"].as_object() {
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        let mut object = "{\n".to_owned();
        for (name, field) in fields {
            let optional = if required.iter().any(|required| required == name) { "" } else { "?" };
            let words = text(&field["description"]);
            if !words.is_empty() {
                let first = words.lines().next().unwrap_or_default();
                object.push_str(&format!("{indent}  // {first}\n"));
            }
            let value = shape(document, field, depth + 1);
            object.push_str(&format!("{indent}  \"{name}\"{optional}: {value},\n"));
        }
        object.push_str(&indent);
        object.push('}');
        return object;
    }
    if !schema["items"].is_null() {
        return format!("[{}]", shape(document, &schema["items"], depth));
    }
    let kinds: Vec<_> = match schema["type"].as_array() {
        Some(kinds) => kinds.iter().map(text).collect(),
        None => schema["type"].as_str().into_iter().collect(),
    };
    if kinds.is_empty() { "anything".to_owned() } else { kinds.join(" | ") }
}

fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let reference = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

fn anchor(method: &str, path: &str) -> String {
    let path: String =
        path.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '/').collect();
    format!("{method}{}", path.replace('/', "-"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

struct Escaped<'t>(&'t str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            letter => f.write_char(letter),
        })
    }
}
