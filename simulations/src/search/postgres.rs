//! Postgres over the same documents: `tsvector` and `pg_trgm`, both indexed, places by a `gist` index.
//!
//! The server is a private one: its data is in a temporary folder, it listens on a socket there and nowhere else, and is
//! run as the user `postgres` if this process may change users. It is asked by its own protocol over that socket, so that a
//! question costs what it costs a program.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use marquee_search::document::{Class, Document};

use super::catalog::Catalog;
use super::measure::{Asked, Times};
use super::questions::{Question, RADIUS_KM};

/// Where Debian's package has its programs.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

/// How long the server may take until it listens.
const START: Duration = Duration::from_secs(30);

/// What a server on this machine would be given. Without fsync it loads faster, which is not what is compared; compiling
/// queries takes longer than they run.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "shared_buffers=1GB",
    "work_mem=64MB",
    "maintenance_work_mem=512MB",
    "max_wal_size=1GB",
    "wal_level=minimal",
    "max_wal_senders=0",
    "fsync=off",
    "jit=off",
    "random_page_cost=1.1",
    "effective_cache_size=8GB",
];

const TABLES: &str = "
    CREATE EXTENSION pg_trgm;
    CREATE TABLE documents (
        id int PRIMARY KEY, event text, kind text, title text, people text, genres text, description text, venue text,
        city text, popularity bigint, place point,
        words tsvector GENERATED ALWAYS AS (
            setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', people), 'A')
            || setweight(to_tsvector('english', venue || ' ' || city), 'B')
            || setweight(to_tsvector('english', genres), 'B') || setweight(to_tsvector('english', description), 'D')
        ) STORED);
    CREATE TABLE performances (document int, starts bigint);
    CREATE TABLE names (name text, popularity bigint, is_event boolean)";

const INDEXES: &str = "
    CREATE INDEX ON documents USING gin (words);
    CREATE INDEX ON documents USING gist (place);
    CREATE INDEX ON performances (document, starts);
    CREATE INDEX ON performances (starts);
    CREATE INDEX ON names USING gin (name gin_trgm_ops)";

/// A question as a statement.
type Ask = fn(&Question) -> String;

/// What was measured of the database.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Copying all rows, with their `tsvector`s.
    pub loading: Duration,
    /// Making the indexes.
    pub indexing: Duration,
    /// Tables and indexes.
    pub bytes: u64,
    /// How it answered.
    pub asked: Vec<(Asked, Times)>,
}

/// Starts a server, loads it with the catalog and asks it all questions in the ways that it can be asked.
///
/// # Errors
/// If the server is not there or fails.
pub fn measure(catalog: &Catalog, questions: &[Question], tell: impl Fn(&str)) -> anyhow::Result<Measured> {
    let server = Server::start()?;
    let mut connection = server.connect()?;
    connection.run(TABLES)?;
    let began = Instant::now();
    load(&mut connection, catalog)?;
    let loading = began.elapsed();
    tell("loaded");
    let began = Instant::now();
    connection.run(INDEXES)?;
    connection.run("VACUUM ANALYZE")?;
    let indexing = began.elapsed();
    tell("indexed");
    let mut asked = Vec::new();
    let ways: [(Asked, Ask); 5] = [
        (Asked::TextPlaceDate, text_place_date),
        (Asked::TextOnly, text_only),
        (Asked::PlaceDate, place_date),
        (Asked::Misspelled, misspelled),
        (Asked::Suggest, suggest),
    ];
    for (way, sql) in ways {
        asked.push((way, Times::of(questions, |question| connection.run(&sql(question)))?));
        tell(way.name());
    }
    let sizes = "SELECT pg_total_relation_size('documents') + pg_total_relation_size('performances')
        + pg_total_relation_size('names')";
    let bytes = connection.value(sizes)?.parse()?;
    Ok(Measured { loading, indexing, bytes, asked })
}

fn text_place_date(question: &Question) -> String {
    searched(&format!("d.words @@ q AND {}", place_and_date(question)), Some(&question.words))
}

fn text_only(question: &Question) -> String {
    searched("d.words @@ q", Some(&question.words))
}

fn place_date(question: &Question) -> String {
    searched(&place_and_date(question), None)
}

fn place_and_date(question: &Question) -> String {
    let (lat, lon) = (question.point.lat_deg(), question.point.lon_deg());
    let lat_apart = RADIUS_KM / 110.5;
    let lon_apart = lat_apart / lat.to_radians().cos();
    format!(
        "d.place <@ box(point({}, {}), point({}, {})) AND 6371 * 2 * asin(sqrt(power(sin(radians(d.place[1] - {lat}) / 2), 2)
            + cos(radians({lat})) * cos(radians(d.place[1])) * power(sin(radians(d.place[0] - {lon}) / 2), 2))) <= {RADIUS_KM}
         AND p.starts >= {} AND p.starts < {}",
        lon - lon_apart,
        lat - lat_apart,
        lon + lon_apart,
        lat + lat_apart,
        question.from.as_second(),
        question.to.as_second(),
    )
}

/// The twenty best events, how many there are, and when each is next shown.
fn searched(condition: &str, words: Option<&str>) -> String {
    let popularity = "(1 + 0.05 * ln(1 + d.popularity))";
    let (from, score) = match words {
        Some(words) => (
            format!("documents d CROSS JOIN websearch_to_tsquery('english', {}) q", quoted(words)),
            format!("ts_rank(d.words, q) * {popularity}"),
        ),
        None => ("documents d".to_owned(), popularity.to_owned()),
    };
    format!(
        "SELECT d.event, max(d.title), max({score}) AS score, min(p.starts), count(*) OVER ()
         FROM {from} JOIN performances p ON p.document = d.id WHERE {condition}
         GROUP BY d.event ORDER BY score DESC LIMIT 20"
    )
}

fn misspelled(question: &Question) -> String {
    let word = quoted(&question.misspelled);
    format!(
        "SELECT name FROM names WHERE {word} <% name
         ORDER BY word_similarity({word}, name) DESC, popularity DESC LIMIT 20"
    )
}

fn suggest(question: &Question) -> String {
    let beginning = question.beginning.replace(['%', '_', '\\'], "");
    let (first, inner) = (quoted(&format!("{beginning}%")), quoted(&format!("% {beginning}%")));
    format!(
        "SELECT name FROM names WHERE name ILIKE {first} OR name ILIKE {inner} ORDER BY popularity DESC LIMIT 10"
    )
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn load(connection: &mut Connection, catalog: &Catalog) -> anyhow::Result<()> {
    let engagements =
        || (0_u32..).zip(catalog.documents().filter(|document| document.key.class == Class::Event));
    connection.copy(
        "documents (id, event, kind, title, people, genres, description, venue, city, popularity, place)",
        engagements().map(|(number, document)| document_row(number, &document)),
    )?;
    connection.copy(
        "performances",
        engagements().flat_map(|(number, document)| {
            document.starts.into_iter().map(move |start| format!("{number}\t{}\n", start.as_second()))
        }),
    )?;
    let mut last = None;
    connection.copy(
        "names",
        catalog.documents().filter_map(|document| {
            // An event's engagements follow each other.
            let is_other = last.replace((document.key.class, document.key.id))
                != Some((document.key.class, document.key.id));
            let is_event = document.key.class == Class::Event;
            is_other.then(|| format!("{}\t{}\t{is_event}\n", escaped(&document.title), document.popularity))
        }),
    )
}

fn document_row(number: u32, document: &Document) -> String {
    let place = document.place.clone().unwrap_or_default();
    let point =
        place.point.map_or("\\N".to_owned(), |point| format!("({},{})", point.lon_deg(), point.lat_deg()));
    let texts = [
        format!("{:x}", document.key.id),
        document.kind.to_string(),
        document.title.clone(),
        document.people.join(", "),
        document.genres.join(", "),
        document.description.clone(),
        place.venue,
        format!("{} {}", place.city, place.region),
    ];
    let texts: Vec<String> = texts.iter().map(|text| escaped(text)).collect();
    format!("{number}\t{}\t{}\t{point}\n", texts.join("\t"), document.popularity)
}

/// As `COPY` reads it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(['\t', '\n', '\r'], " ")
}

/// A running server. It is stopped when dropped.
struct Server {
    folder: tempfile::TempDir,
    process: Child,
}

impl Server {
    fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        if rustix::process::geteuid().is_root() {
            let owned = Command::new("chown").arg("postgres").arg(folder.path()).status()?;
            anyhow::ensure!(owned.success(), "cannot give the folder to the user postgres");
        }
        let data = folder.path().join("data");
        let made = program("initdb")
            .args([
                "--auth=trust",
                "--username=marquee",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .context("cannot run initdb: is the package postgresql-15 there?")?;
        anyhow::ensure!(made.success(), "initdb failed");
        let mut server = program("postgres");
        server.arg("-D").arg(&data).arg("-k").arg(folder.path());
        SETTINGS.iter().for_each(|setting| {
            server.arg("-c").arg(setting);
        });
        let process = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let server = Self { folder, process };
        let began = Instant::now();
        while server.connect().is_err() {
            anyhow::ensure!(began.elapsed() < START, "the server does not listen");
            // Nothing tells when it does.
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    fn connect(&self) -> anyhow::Result<Connection> {
        Connection::open(&self.socket())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is its fast shutdown; what is left in a temporary folder does not matter.
        if let Some(process) = i32::try_from(self.process.id()).ok().and_then(rustix::process::Pid::from_raw)
        {
            let _signalled = rustix::process::kill_process(process, rustix::process::Signal::INT);
        }
        let _ended = self.process.wait();
    }
}

/// One of the server's programs, as a user that may run it: it refuses to be run by root.
fn program(name: &str) -> Command {
    let path = Path::new(PROGRAMS).join(name);
    if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    }
}

/// A connection that speaks as much of the server's protocol (version 3) as is needed here.
struct Connection {
    reader: BufReader<UnixStream>,
    writer: BufWriter<UnixStream>,
}

/// One message of the server.
struct Message {
    kind: u8,
    body: Vec<u8>,
}

impl Connection {
    fn open(socket: &Path) -> anyhow::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        let mut connection =
            Self { reader: BufReader::new(stream.try_clone()?), writer: BufWriter::new(stream) };
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        body.extend(b"user\0marquee\0database\0postgres\0\0");
        connection.writer.write_all(&(body.len() as u32 + 4).to_be_bytes())?;
        connection.writer.write_all(&body)?;
        connection.writer.flush()?;
        connection.rows()?;
        Ok(connection)
    }

    /// Runs some statements and tells how many rows they gave.
    fn run(&mut self, sql: &str) -> anyhow::Result<usize> {
        self.say(b'Q', &[sql.as_bytes(), b"\0"].concat())?;
        self.writer.flush()?;
        Ok(self.rows()?.len())
    }

    /// The one value of a statement's one row.
    fn value(&mut self, sql: &str) -> anyhow::Result<String> {
        self.say(b'Q', &[sql.as_bytes(), b"\0"].concat())?;
        self.writer.flush()?;
        let rows = self.rows()?;
        // The number of columns and the length stand before it.
        let value = rows.first().and_then(|row| row.get(6..)).context("the statement has no value")?;
        Ok(String::from_utf8_lossy(value).into_owned())
    }

    fn copy(&mut self, table: &str, rows: impl Iterator<Item = String>) -> anyhow::Result<()> {
        self.say(b'Q', format!("COPY {table} FROM STDIN\0").as_bytes())?;
        self.writer.flush()?;
        let answer = self.message()?;
        if answer.kind != b'G' {
            bail!("the server does not take rows: {}", String::from_utf8_lossy(&answer.body));
        }
        for row in rows {
            self.say(b'd', row.as_bytes())?;
        }
        self.say(b'c', &[])?;
        self.writer.flush()?;
        self.rows()?;
        Ok(())
    }

    /// All rows until the server is ready for the next statement.
    fn rows(&mut self) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut rows = Vec::new();
        let mut failed = None;
        loop {
            let message = self.message()?;
            match message.kind {
                b'D' => rows.push(message.body),
                b'E' => failed = Some(String::from_utf8_lossy(&message.body).replace('\0', " ")),
                b'Z' => break,
                _ => {}
            }
        }
        match failed {
            Some(error) => bail!("the server says {error}"),
            None => Ok(rows),
        }
    }

    fn message(&mut self) -> io::Result<Message> {
        let mut head = [0; 5];
        self.reader.read_exact(&mut head)?;
        let [kind, length @ ..] = head;
        let length = u32::from_be_bytes(length).checked_sub(4).ok_or(io::ErrorKind::InvalidData)?;
        let mut body = vec![0; length as usize];
        self.reader.read_exact(&mut body)?;
        Ok(Message { kind, body })
    }

    fn say(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        self.writer.write_all(&[kind])?;
        self.writer.write_all(&(body.len() as u32 + 4).to_be_bytes())?;
        self.writer.write_all(body)
    }
}
