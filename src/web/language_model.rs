//! The browser's own model (Prompt API, `LanguageModel`): bound by name, since browsers differ in whether they have it.
//! A session lives as long as one reply; dropping the reply aborts and ends it. It words no advice.

use std::cell::RefCell;
use std::rc::Rc;

use futures::channel::mpsc;
use futures::future::LocalBoxFuture;
use futures::stream::{self, LocalBoxStream};
use futures::{FutureExt, StreamExt};
use js_sys::{Array, Object, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStream, ReadableStreamDefaultReader};

use super::fetch::AbortGuard;
use crate::agent::ports::{ChatRequest, Role};
use crate::llm::language_model::{Availability, BrowserModel, PromptError, Prompted};

/// The languages the instructions are in; without naming one, browsers warn or refuse.
const LANGUAGE: &str = "en";
/// What a browser calls the event that tells how far a download is.
const PROGRESS: &str = "downloadprogress";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = LanguageModel, js_name = availability, catch)]
    async fn model_availability(options: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = LanguageModel, js_name = create, catch)]
    async fn create_session(options: &JsValue) -> Result<JsValue, JsValue>;

    type Session;

    #[wasm_bindgen(method, catch, js_name = promptStreaming)]
    fn prompt_streaming(this: &Session, input: &JsValue, options: &JsValue) -> Result<ReadableStream, JsValue>;

    #[wasm_bindgen(method)]
    fn destroy(this: &Session);

    type Monitor;

    #[wasm_bindgen(method, js_name = addEventListener)]
    fn add_event_listener(this: &Monitor, kind: &str, listener: &JsValue);

    #[wasm_bindgen(method, js_name = removeEventListener)]
    fn remove_event_listener(this: &Monitor, kind: &str, listener: &JsValue);
}

/// The browser's `LanguageModel`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserLanguageModel;

impl BrowserModel for BrowserLanguageModel {
    fn availability(&self) -> LocalBoxFuture<'_, Availability> {
        async {
            if !is_there() {
                return Availability::Missing;
            }
            let answer = model_availability(&to_js(&languages())).await;
            match answer.ok().and_then(|word| word.as_string()).as_deref() {
                Some("available") => Availability::Available,
                Some("downloading") => Availability::Downloading,
                Some("downloadable") => Availability::Downloadable,
                _ => Availability::Unavailable,
            }
        }
        .boxed_local()
    }

    fn prompt(&self, request: ChatRequest) -> LocalBoxStream<'_, Result<Prompted, PromptError>> {
        let (progress, told) = mpsc::unbounded();
        let downloads = told.map(|done| Ok(Prompted::Downloaded(done)));
        let reply = async move {
            match Asking::open(&request, progress).await {
                Ok(asking) => {
                    stream::unfold(asking, |mut asking| async { Some((asking.next().await?, asking)) }).boxed_local()
                }
                Err(error) => stream::iter([Err(error)]).boxed_local(),
            }
        };
        // The sender goes with the session's monitor once the session stands, and what was told before comes first.
        stream::select(downloads, reply.flatten_stream()).boxed_local()
    }
}

/// A session that is answering.
struct Asking {
    reader: ReadableStreamDefaultReader,
    session: Session,
    _guard: AbortGuard,
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.session.destroy();
    }
}

impl Asking {
    async fn open(request: &ChatRequest, progress: mpsc::UnboundedSender<f64>) -> Result<Self, PromptError> {
        let guard = AbortGuard::new().map_err(|error| PromptError::Failed(error.to_string()))?;
        let signal = guard.signal();
        let mut options = languages();
        if !request.system.is_empty() {
            options["initialPrompts"] = json!([{ "role": "system", "content": request.system }]);
        }
        let options = to_js(&options);
        let listener = Listener::new(progress);
        set(&options, "signal", &signal);
        set(&options, "monitor", listener.monitor.as_ref());
        let session = create_session(&options).await.map_err(|error| failure(&error))?;
        let session: Session = session.unchecked_into();
        drop(listener);

        let options = to_js(&json!({}));
        set(&options, "signal", &signal);
        if let Some(schema) = &request.schema {
            set(&options, "responseConstraint", &to_js(schema));
            // The instructions say the same in fewer words, and its context is small.
            set(&options, "omitResponseConstraintInput", &JsValue::TRUE);
        }
        let messages: Vec<Value> = request.messages.iter().map(message).collect();
        let reply = session.prompt_streaming(&to_js(&Value::Array(messages)), &options);
        let reader = reply.map(|reply| reply.get_reader().unchecked_into());
        match reader {
            Ok(reader) => Ok(Self { reader, session, _guard: guard }),
            Err(error) => {
                session.destroy();
                Err(failure(&error))
            }
        }
    }

    async fn next(&mut self) -> Option<Result<Prompted, PromptError>> {
        let piece = match JsFuture::from(self.reader.read()).await {
            Ok(piece) => piece,
            Err(error) => return Some(Err(failure(&error))),
        };
        let member = |name: &str| Reflect::get(&piece, &name.into()).ok();
        if member("done").is_some_and(|done| done.is_truthy()) {
            return None;
        }
        Some(Ok(Prompted::Text(member("value").and_then(|text| text.as_string()).unwrap_or_default())))
    }
}

/// Hears how far a download is while a session is made.
struct Listener {
    /// What the browser is given.
    monitor: Closure<dyn FnMut(Monitor)>,
    hear: Rc<Closure<dyn FnMut(JsValue)>>,
    /// What was listened to.
    heard: Rc<RefCell<Option<Monitor>>>,
}

impl Listener {
    fn new(progress: mpsc::UnboundedSender<f64>) -> Self {
        let hear = Rc::new(Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            if let Some(done) = Reflect::get(&event, &"loaded".into()).ok().and_then(|done| done.as_f64()) {
                // The receiver goes with the reply.
                let _ = progress.unbounded_send(done);
            }
        }));
        let heard = Rc::new(RefCell::new(None));
        let (listener, target) = (Rc::clone(&hear), Rc::clone(&heard));
        let monitor = Closure::<dyn FnMut(Monitor)>::new(move |monitor: Monitor| {
            monitor.add_event_listener(PROGRESS, (*listener).as_ref());
            target.replace(Some(monitor));
        });
        Self { monitor, hear, heard }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(monitor) = self.heard.take() {
            monitor.remove_event_listener(PROGRESS, (*self.hear).as_ref());
        }
    }
}

fn is_there() -> bool {
    Reflect::has(&js_sys::global(), &"LanguageModel".into()).unwrap_or(false)
}

fn languages() -> Value {
    let text = json!([{ "type": "text", "languages": [LANGUAGE] }]);
    json!({ "expectedInputs": text, "expectedOutputs": text })
}

fn message(message: &crate::agent::ports::ChatMessage) -> Value {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    json!({ "role": role, "content": message.text })
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Only a frozen object would refuse, and these are ours.
    let _ = Reflect::set(object, &name.into(), value);
}

/// Plain data as JavaScript has it.
fn to_js(value: &Value) -> JsValue {
    js_sys::JSON::parse(&value.to_string()).unwrap_or_else(|_| match value {
        Value::Array(_) => Array::new().into(),
        _ => Object::new().into(),
    })
}

/// What an exception means, told by its name.
fn failure(error: &JsValue) -> PromptError {
    let member = |name: &str| Reflect::get(error, &name.into()).ok().and_then(|text| text.as_string());
    let said = member("message").filter(|text| !text.is_empty()).or_else(|| error.as_string());
    let said = said.unwrap_or_else(|| "the browser did not say why".to_owned());
    match member("name").as_deref() {
        Some("QuotaExceededError") => PromptError::TooLong,
        Some("NotAllowedError") => PromptError::NeedsClick,
        Some("NotSupportedError" | "SyntaxError" | "TypeError") => PromptError::Schema(said),
        _ => PromptError::Failed(said),
    }
}
