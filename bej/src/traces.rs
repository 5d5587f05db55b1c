//! What is traced of requests, told to a collector over OTLP. It stands on this machine: what it
//! sends on, to whom and how protected, is its own affair.
//!
//! Nothing waits for the collector. What is traced goes into a bounded queue, from which a thread
//! of its own sends; where the collector is slow or gone, the queue is full and what comes is
//! dropped.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use api::{Sampling, Step, Traced, Tracer};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor,
};
use terms::Instant;

/// Spans that wait to be sent: twenty seconds of what is traced at most by the sample.
const QUEUE: usize = 8_192;
/// Spans that are sent together.
const BATCH: usize = 512;
/// How long they are gathered.
const GATHERED: Duration = Duration::from_millis(500);
/// How long the collector has to answer, and what is left at the stop to be sent.
const PATIENCE: Duration = Duration::from_secs(2);

/// Which requests are traced, and where they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The collector, if there is one.
    pub collector: Option<SocketAddr>,
    /// Which requests.
    pub sampling: Sampling,
}

/// The way to the collector.
pub struct Traces(Arc<BatchSpanProcessor>);

impl Traces {
    /// Opens the way, if there is a collector; nothing is connected before something is to be told.
    pub fn start(choice: &Choice, instance: &str) -> anyhow::Result<Option<Traces>> {
        let Some(collector) = choice.collector else { return Ok(None) };
        // By nobody's proxy, and nowhere else than where it was told to.
        let client = reqwest::blocking::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE);
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client.build().context("a client of the collector")?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("http://{}/v1/traces", collector))
            .with_timeout(PATIENCE)
            .build()
            .context("the collector of traces cannot be told anything")?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(GATHERED);
        let builder = BatchSpanProcessor::builder(exporter);
        let mut processor = builder.with_batch_config(batches.build()).build();
        let resource = Resource::builder_empty().with_service_name("bej").with_attributes([
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", instance.to_owned()),
        ]);
        processor.set_resource(&resource.build());
        Ok(Some(Traces(Arc::new(processor))))
    }

    /// What hands traces over.
    pub fn tracer(&self, sampling: Sampling) -> std::io::Result<Tracer> {
        let processor = self.0.clone();
        Tracer::new(sampling, Box::new(move |traced| tell(&processor, &traced)))
    }

    /// Sends what is left, as far as patience goes.
    pub fn stop(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(PATIENCE) {
            tracing::debug!("some traces were not told: {error}");
        }
    }
}

fn tell(processor: &BatchSpanProcessor, traced: &Traced) {
    let scope = InstrumentationScope::builder("bej").build();
    let mut attributes = vec![
        KeyValue::new("http.request.method", traced.method.clone()),
        KeyValue::new("http.response.status_code", i64::from(traced.status)),
        KeyValue::new("bej.request", traced.request.clone()),
    ];
    let route = traced.route.clone();
    attributes.extend(route.clone().map(|route| KeyValue::new("http.route", route)));
    let organiser = traced.organiser.map(|organiser| i64::from(organiser.0));
    attributes.extend(organiser.map(|number| KeyValue::new("bej.organiser", number)));
    attributes.extend(traced.code.map(|code| KeyValue::new("error.type", code)));
    let name = route.map_or(traced.method.clone(), |route| format!("{} {route}", traced.method));
    let failed = 500 <= traced.status;
    let status =
        if failed { Status::error(traced.code.unwrap_or_default()) } else { Status::Unset };
    let root = SpanData {
        span_context: context(traced, traced.span),
        parent_span_id: traced.parent.map_or(SpanId::INVALID, SpanId::from_bytes),
        parent_span_is_remote: traced.parent.is_some(),
        span_kind: SpanKind::Server,
        name: Cow::Owned(name),
        start_time: time(traced.from),
        end_time: time(traced.until),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: scope,
    };
    for step in &traced.steps {
        processor.on_end(part(traced, step, &root));
    }
    processor.on_end(root);
}

fn part(traced: &Traced, step: &Step, root: &SpanData) -> SpanData {
    SpanData {
        span_context: context(traced, step.span),
        parent_span_id: SpanId::from_bytes(traced.span),
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: Cow::Borrowed(step.name),
        start_time: time(step.from),
        end_time: time(step.until),
        attributes: Vec::new(),
        status: Status::Unset,
        ..root.clone()
    }
}

fn context(traced: &Traced, span: [u8; 8]) -> SpanContext {
    let (trace, span) = (TraceId::from_bytes(traced.trace), SpanId::from_bytes(span));
    SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::NONE)
}

fn time(at: Instant) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(u64::try_from(at.0).unwrap_or(0))
}
