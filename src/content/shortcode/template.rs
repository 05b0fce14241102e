//! The site's own shortcodes: one template for each, from `[shortcodes]` of the configuration.

use std::collections::BTreeMap;

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, State};

use crate::content::markdown::Markdown;
use crate::content::shortcode::Lookup;
use crate::content::shortcode::parse::{Args, Style};

/// The name under which a template finds the function that renders Markdown.
const MARKDOWNIFY: &str = "markdownify";

/// What one call of a template may cost, in instructions of its engine.
const FUEL: u64 = 1_000_000;

/// The templates of a site, compiled.
#[derive(Clone, Debug)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// Compiles the templates by the name of their shortcode.
    ///
    /// A template sees the named arguments by their names and in `params`, the others in `args`, and the text between
    /// the opening and the end in `inner`. The filter `markdownify` renders Markdown.
    ///
    /// # Errors
    /// The name and the fault of each template that is none.
    pub fn compile(templates: &BTreeMap<String, String>) -> Result<Self, Vec<(String, String)>> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        // a template that never ends must not stop the feeds
        environment.set_fuel(Some(FUEL));
        environment.add_filter(MARKDOWNIFY, markdownify);
        let mut faults = Vec::new();
        for (name, template) in templates {
            if let Err(error) = environment.add_template_owned(name.clone(), template.clone()) {
                faults.push((name.clone(), error.to_string()));
            }
        }
        if faults.is_empty() { Ok(Templates(environment)) } else { Err(faults) }
    }

    /// Whether a shortcode has a template.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get_template(name).is_ok()
    }

    /// Renders the template of a shortcode; none when it has none. What is inside a call in the style of Markdown is
    /// rendered before the template sees it, as Hugo's users expect to see it in the outcome, and not again by `markdownify`.
    pub(super) fn render(
        &self,
        name: &str,
        args: &Args,
        inner: &str,
        style: Style,
        markdown: &Markdown,
        lookup: &dyn Lookup,
    ) -> Option<Result<String, Error>> {
        let template = self.0.get_template(name).ok()?;
        let is_rendered = style == Style::Markdown;
        let inner = if is_rendered { markdown.inline(inner, Some(lookup)) } else { inner.to_owned() };
        let named: BTreeMap<String, Value> = args.named.iter().map(|(key, value)| (key.clone(), Value::from(value.clone()))).collect();
        let (settings, rendered) = (markdown.clone(), is_rendered.then(|| inner.trim().to_owned()));
        let markdownify = move |text: String| {
            let is_rendered = rendered.as_deref() == Some(text.trim());
            Value::from_safe_string(if is_rendered { text } else { settings.inline(&text, None) })
        };
        let mut values = named.clone();
        values.insert("args".into(), Value::from(args.positional.clone()));
        values.insert("params".into(), Value::from(named));
        values.insert("inner".into(), Value::from_safe_string(inner));
        values.insert("permalink".into(), Value::from(markdown.links.permalink()));
        values.insert(MARKDOWNIFY.into(), Value::from_function(markdownify));
        Some(template.render(Value::from(values)))
    }
}

fn markdownify(state: &mut State, text: Value) -> Result<Value, Error> {
    match state.lookup(MARKDOWNIFY) {
        Some(function) => function.call(state, &[text]),
        None => Ok(text),
    }
}
