//! Trust policies: which logs and witnesses to believe, and how many (c2sp.org/tlog-policy).
//!
//! Groups let two interests have to agree: `group both all guardians patients`.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature::verify_cosignature;
use crate::key::{KeyError, VerifierKey};
use crate::note::{Note, NoteError};

/// Most logs, witnesses and groups together; the specification asks for at least 32 of each.
pub const POLICY_LINES_MAX: usize = 1000;

/// A log or witness and where it can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Name within the policy; a log has its origin.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Its address, where the policy gives one.
    pub url: Option<String>,
}

/// What must be true of a signed head before it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    groups: Vec<Group>,
    quorum: Option<Member>,
}

/// A witness or a group, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// So many of these members must have witnessed a head. Members precede the group.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    threshold: usize,
    members: Vec<Member>,
}

/// A head that satisfies a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The head.
    pub checkpoint: Checkpoint,
    /// Names of the witnesses that cosigned it, with the time of each in seconds since the epoch.
    pub witnesses: BTreeMap<String, u64>,
}

/// Why text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct PolicyError {
    /// Line number, from 1; the one after the last when a line is missing.
    pub line: usize,
    /// What is wrong with it.
    pub problem: PolicyProblem,
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyProblem {
    /// Not one of the four kinds of lines, or not in its form.
    #[error(
        "expected `log KEY [URL]`, `witness NAME KEY [URL]`, \
         `group NAME all|any|NUMBER NAME...` or `quorum NAME`"
    )]
    Form,
    /// Control characters other than tab and newline, or no newline at the end.
    #[error("only text without control characters, ending in a newline, is allowed")]
    Text,
    /// The key is malformed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A log's key for a witness or the other way round.
    #[error("the key of `{0}` is of the wrong type: logs sign notes, witnesses cosign them")]
    KeyType(String),
    /// The same public key for two logs or for two witnesses.
    #[error("the key of `{0}` is already listed")]
    RepeatedKey(String),
    /// The name is taken or reserved.
    #[error("the name `{0}` is already taken")]
    RepeatedName(String),
    /// The name does not stand on a line above.
    #[error("the name `{0}` is not defined above")]
    UnknownName(String),
    /// A name is a member twice, in this or another group.
    #[error("`{0}` is already a member of a group")]
    RepeatedMember(String),
    /// The number is not between 1 and the number of members.
    #[error("`{0}` is not a number from 1 to the number of members")]
    Threshold(String),
    /// More lines than [`POLICY_LINES_MAX`].
    #[error("more than {POLICY_LINES_MAX} logs, witnesses and groups")]
    TooLong,
    /// No quorum line, or a second one.
    #[error("a policy has exactly one quorum line")]
    Quorum,
}

/// Why a head does not satisfy a policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DistrustError {
    /// No listed log signed it.
    #[error("no log of the policy signed the checkpoint")]
    Log,
    /// The log's signature or the head itself is wrong.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A listed witness's cosignature is wrong.
    #[error("cosignature: {0}")]
    Cosignature(NoteError),
    /// Too few witnesses, or not of the groups required.
    #[error("the cosignatures do not make a quorum: {}", names(.witnessed))]
    Quorum {
        /// Names of the witnesses that did cosign.
        witnessed: Vec<String>,
    },
}

fn names(witnessed: &[String]) -> String {
    match witnessed {
        [] => "no witness of the policy cosigned".into(),
        names => format!("only `{}` cosigned", names.join("`, `")),
    }
}

impl Policy {
    /// The policy that believes this log without witnesses.
    pub fn log_alone(key: VerifierKey) -> Policy {
        let log = Party {
            name: key.name().into(),
            key,
            url: None,
        };
        Policy {
            logs: vec![log],
            witnesses: Vec::new(),
            groups: Vec::new(),
            quorum: None,
        }
    }

    /// The logs believed.
    pub fn logs(&self) -> &[Party] {
        &self.logs
    }

    /// The witnesses known.
    pub fn witnesses(&self) -> &[Party] {
        &self.witnesses
    }

    /// Whether any cosignature is required.
    pub fn needs_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// The key of the listed log that signed the head, by its name and id alone; the first one, if
    /// the log signed with several.
    pub fn log_of(&self, note: &Note) -> Option<&VerifierKey> {
        self.signers(note).next().map(|log| &log.key)
    }

    fn signers(&self, note: &Note) -> impl Iterator<Item = &Party> {
        let signed = |log: &&Party| note.signatures().iter().any(|s| log.key.matches(s));
        self.logs.iter().filter(signed)
    }

    /// The head, if a listed log signed it; witnesses are not asked for. Where several of the log's
    /// keys are listed, none of those that signed may be wrong.
    pub fn open(&self, note: &Note) -> Result<Checkpoint, DistrustError> {
        let mut opened = None;
        for log in self.signers(note) {
            opened = Some(Checkpoint::open(note, &log.key)?);
        }
        opened.ok_or(DistrustError::Log)
    }

    /// Checks that a listed log signed the head and a quorum of witnesses cosigned it. A wrong
    /// signature by a listed key is an error even where the quorum does not need it.
    pub fn check(&self, note: &Note) -> Result<Witnessed, DistrustError> {
        let checkpoint = self.open(note)?;
        let mut witnesses = BTreeMap::new();
        for Party { name, key, .. } in &self.witnesses {
            match verify_cosignature(note, key) {
                Ok(time) => {
                    witnesses.insert(name.clone(), time);
                }
                Err(NoteError::Unsigned(_)) => {}
                Err(error) => return Err(DistrustError::Cosignature(error)),
            }
        }
        match self.is_quorum(|name| witnesses.contains_key(name)) {
            true => Ok(Witnessed {
                checkpoint,
                witnesses,
            }),
            false => Err(DistrustError::Quorum {
                witnessed: witnesses.into_keys().collect(),
            }),
        }
    }

    /// Whether the witnesses for which `witnessed` is true make a quorum.
    fn is_quorum(&self, witnessed: impl Fn(&str) -> bool) -> bool {
        let mut groups: Vec<bool> = Vec::new();
        let holds = |groups: &[bool], member: &Member| match *member {
            Member::Witness(index) => witnessed(&self.witnesses[index].name),
            Member::Group(index) => groups[index],
        };
        for group in &self.groups {
            let count = group
                .members
                .iter()
                .filter(|member| holds(&groups, member))
                .count();
            groups.push(count >= group.threshold);
        }
        self.quorum
            .as_ref()
            .is_none_or(|quorum| holds(&groups, quorum))
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Policy, PolicyError> {
        let mut parser = Parser::default();
        let mut number = 0;
        for line in text.split_inclusive('\n') {
            number += 1;
            parser.line(line).map_err(|problem| PolicyError {
                line: number,
                problem,
            })?;
        }
        parser.finish().map_err(|problem| PolicyError {
            line: number + 1,
            problem,
        })
    }
}

#[derive(Default)]
struct Parser {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    groups: Vec<Group>,
    /// `None` until there is a quorum line.
    quorum: Option<Option<Member>>,
    names: BTreeMap<String, Member>,
    members: BTreeSet<String>,
}

impl Parser {
    fn line(&mut self, line: &str) -> Result<(), PolicyProblem> {
        let line = line.strip_suffix('\n').ok_or(PolicyProblem::Text)?;
        if line
            .bytes()
            .any(|byte| byte.is_ascii_control() && byte != b'\t')
        {
            return Err(PolicyProblem::Text);
        }
        if self.logs.len() + self.names.len() > POLICY_LINES_MAX {
            return Err(PolicyProblem::TooLong);
        }
        let words = line.split([' ', '\t']).filter(|word| !word.is_empty());
        match words.collect::<Vec<_>>()[..] {
            [] => Ok(()),
            [word, ..] if word.starts_with('#') => Ok(()),
            ["log", key] => self.log(key, None),
            ["log", key, url] => self.log(key, Some(url)),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, threshold, ref members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            ["quorum", name] => self.quorum(name),
            _ => Err(PolicyProblem::Form),
        }
    }

    fn log(&mut self, key: &str, url: Option<&str>) -> Result<(), PolicyProblem> {
        let key: VerifierKey = key.parse()?;
        let name = String::from(key.name());
        self.logs.push(party(name, key, url, false, &self.logs)?);
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), PolicyProblem> {
        let key = key.parse()?;
        self.define(name, Member::Witness(self.witnesses.len()))?;
        let witness = party(name.into(), key, url, true, &self.witnesses)?;
        self.witnesses.push(witness);
        Ok(())
    }

    fn group(&mut self, name: &str, k: &str, members: &[&str]) -> Result<(), PolicyProblem> {
        let mut found = Vec::new();
        for &member in members {
            found.push(self.find(member)?);
            if !self.members.insert(member.into()) {
                return Err(PolicyProblem::RepeatedMember(member.into()));
            }
        }
        let threshold = match k {
            "any" => 1,
            "all" => found.len(),
            number => {
                let canonical =
                    |k: &usize| (1..=found.len()).contains(k) && k.to_string() == number;
                let threshold = number.parse().ok().filter(canonical);
                threshold.ok_or_else(|| PolicyProblem::Threshold(number.into()))?
            }
        };
        self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(Group {
            threshold,
            members: found,
        });
        Ok(())
    }

    fn quorum(&mut self, name: &str) -> Result<(), PolicyProblem> {
        let quorum = match name {
            "none" => None,
            name => Some(self.find(name)?),
        };
        match self.quorum.replace(quorum) {
            None => Ok(()),
            Some(_) => Err(PolicyProblem::Quorum),
        }
    }

    fn find(&self, name: &str) -> Result<Member, PolicyProblem> {
        let member = self.names.get(name).copied();
        member.ok_or_else(|| PolicyProblem::UnknownName(name.into()))
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), PolicyProblem> {
        if name == "none" || self.names.contains_key(name) {
            return Err(PolicyProblem::RepeatedName(name.into()));
        }
        self.names.insert(name.into(), member);
        Ok(())
    }

    fn finish(self) -> Result<Policy, PolicyProblem> {
        let Parser {
            logs,
            witnesses,
            groups,
            quorum,
            ..
        } = self;
        let quorum = quorum.ok_or(PolicyProblem::Quorum)?;
        Ok(Policy {
            logs,
            witnesses,
            groups,
            quorum,
        })
    }
}

fn party(
    name: String,
    key: VerifierKey,
    url: Option<&str>,
    cosigns: bool,
    others: &[Party],
) -> Result<Party, PolicyProblem> {
    if key.key_type().is_cosignature() != cosigns {
        return Err(PolicyProblem::KeyType(name));
    }
    if others
        .iter()
        .any(|other| other.key.key_bytes() == key.key_bytes())
    {
        return Err(PolicyProblem::RepeatedKey(name));
    }
    Ok(Party {
        name,
        key,
        url: url.map(String::from),
    })
}

#[cfg(test)]
mod tests;
