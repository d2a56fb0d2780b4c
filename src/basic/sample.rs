//! The sample data: stories, users and comments of a small tech-news site, written for this program. Only reading it
//! happens here; searching is `search`, answering calls is `host`.

use serde::Deserialize;
use serde_json::{Value, json};

/// All there is.
#[derive(Debug, Deserialize)]
pub(super) struct Sample {
    /// The users.
    pub users: Vec<User>,
    /// The stories, the oldest first; a story's id is its place, from 1.
    pub stories: Vec<Story>,
    /// The comments; a comment's id is its place, from 1.
    pub comments: Vec<Comment>,
}

/// A user: name, since when, karma, about.
#[derive(Debug, Deserialize)]
pub(super) struct User(pub String, String, u32, String);

/// A story: title, site, author, points, date, tags, text.
#[derive(Debug, Deserialize)]
pub(super) struct Story(pub String, String, pub String, pub u32, pub String, pub String, pub String);

/// A comment: the story's id, author, points, date, text.
#[derive(Debug, Deserialize)]
pub(super) struct Comment(pub usize, pub String, u32, pub String, String);

impl Sample {
    /// Reads the data that is compiled in.
    pub(super) fn read() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("sample.json"))
    }

    /// The user of this name, written as they write it.
    pub(super) fn user(&self, name: &str) -> Option<&User> {
        let name = name.trim().trim_start_matches('@');
        self.users.iter().find(|user| user.0.eq_ignore_ascii_case(name))
    }

    /// A story as the tools return it.
    pub(super) fn story(&self, index: usize) -> Value {
        let Some(story) = self.stories.get(index) else { return Value::Null };
        let id = index + 1;
        json!({
            "id": id,
            "title": story.0,
            "url": format!("https://{}.example.org/{}", story.1, slug(&story.0)),
            "author": story.2,
            "points": story.3,
            "date": story.4,
            "tags": story.5.split(' ').collect::<Vec<_>>(),
            "text": story.6,
            "comments": self.comments.iter().filter(|comment| comment.0 == id).count(),
        })
    }

    /// A comment as the tools return it.
    pub(super) fn comment(&self, index: usize) -> Value {
        let Some(comment) = self.comments.get(index) else { return Value::Null };
        let title = comment.0.checked_sub(1).and_then(|at| self.stories.get(at)).map(|story| story.0.as_str());
        json!({
            "id": index + 1,
            "story_id": comment.0,
            "story_title": title,
            "author": comment.1,
            "points": comment.2,
            "date": comment.3,
            "text": comment.4,
        })
    }

    /// A profile as the tools return it.
    pub(super) fn profile(&self, user: &User) -> Value {
        json!({
            "user_id": user.0,
            "created": user.1,
            "karma": user.2,
            "about": user.3,
            "stories": self.stories.iter().filter(|story| story.2 == user.0).count(),
            "comments": self.comments.iter().filter(|comment| comment.1 == user.0).count(),
        })
    }
}

/// The title as part of an address.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
