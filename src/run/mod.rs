//! A run: its settings, its folder, and the tools its stages share.

mod executor;
mod fingerprint;
mod rescore;
mod retry;
mod score;
mod tasks;
mod watch;

pub(crate) use executor::{Failed, run_stage};
pub(crate) use tasks::Task;
pub(crate) use watch::View;

use crate::{cli::Job, exit::Stop};
use chrono::{DateTime, Utc};
use consent::{OptOutList, POLICY_VERSION, Policy};
use crawler::{Sites, archives::Archive, door::Door, fetch::Live};
use filter::Scorer;
use schema::{Config, Mode, Stage, hex, sha256_hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shards::Store;
use std::{
    path::Path,
    sync::{Arc, Mutex},
};
use tokio::sync::OnceCell;
use watch::Watch;

/// Files open beside connections: shares of several tasks, sockets that look names up.
const OTHER_FILES: usize = 512;

/// The file in a run's folder that says which run it is.
const RUN_FILE: &str = "run.json";

/// Everything the stages of a run work with.
pub(crate) struct Run {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) identity: Identity,
    pub(crate) policy: Arc<Policy>,
    /// Digest of what the opt-out lists say.
    lists_digest: String,
    archives: OnceCell<Vec<Archive>>,
    web: OnceCell<Web>,
    scorer: Mutex<Option<Arc<Scorer>>>,
    pub(crate) live: Arc<Live>,
    watch: Watch,
}

/// Which run a folder holds. Written by whoever comes first, and again for each round of retries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) id: String,
    /// How often it was published before its failures were tried again.
    #[serde(default)]
    pub(crate) round: u32,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) version: String,
}

/// The way to other people's machines, opened when a stage needs it.
pub(crate) struct Web {
    pub(crate) door: Arc<Door>,
    pub(crate) sites: Arc<Sites>,
}

impl Run {
    /// Reads the configuration and opens the run's folder.
    pub(crate) async fn open(job: &Job) -> Result<Self, Stop> {
        Self::with(Self::config_of(job)?).await
    }

    /// The configuration with all that the command line says beside it, checked.
    fn config_of(job: &Job) -> Result<Config, Stop> {
        let mut settings = job.settings.clone();
        settings.extend(job.sample.map(|count| format!("input.sample={count}")));
        let mut config = read_config(&job.config, &settings)?;
        if let Some(library) = &job.onnxruntime {
            config.score.onnxruntime = library.display().to_string();
        }
        config.validate().map_err(|error| Stop::from(error).context(format!("`{}`", job.config.display())))?;
        Ok(config)
    }

    /// Opens the folder of a run with these settings.
    pub(crate) async fn with(config: Config) -> Result<Self, Stop> {
        let run = Self::unchecked(config).await?;
        run.check_settings().await?;
        run.store.put("config.toml", run.config.to_toml()).await?;
        Ok(run)
    }

    /// The same, whatever settings its tasks were done under.
    async fn unchecked(config: Config) -> Result<Self, Stop> {
        let (lists, lists_digest) = read_lists(&config.consent.lists)?;
        let policy = Policy {
            mode: config.consent.mode,
            agent: config.agent.name.clone(),
            lists,
            redistributes: config.fetch.store != schema::Store::None,
        };
        let store = Store::create(&config.output.dir)?;
        let identity = Identity::of(&store).await?;
        Ok(Self {
            config,
            store,
            identity,
            policy: Arc::new(policy),
            lists_digest,
            archives: OnceCell::new(),
            web: OnceCell::new(),
            scorer: Mutex::new(None),
            live: Arc::default(),
            watch: Watch::default(),
        })
    }

    /// The way to other people's machines.
    pub(crate) async fn web(&self) -> Result<&Web, Stop> {
        let open = async || {
            make_room(self.config.fetch.max_connections)?;
            let door = Arc::new(Door::open(&self.config.agent, &self.config.fetch)?);
            // Where nothing is fetched, nobody needs to reach us.
            if self.config.consent.mode != Mode::RecordOnly {
                door.check_named()?;
            }
            let sites = Arc::new(Sites::new(Arc::clone(&door), Arc::clone(&self.policy)));
            Ok(Web { door, sites })
        };
        self.web.get_or_try_init(open).await
    }

    /// Opens what the tasks of `stage` will need, so that what the user has to mend is told once
    /// and before any task begins.
    async fn prepare(&self, stage: Stage) -> Result<(), Stop> {
        match stage {
            Stage::Admit | Stage::Fetch => self.web().await.map(drop),
            Stage::Score => tokio::task::block_in_place(|| score::prepare(self)),
            Stage::Extract | Stage::Publish => Ok(()),
        }
    }

    /// How consent was established, for every row.
    fn stamp(&self) -> filter::Stamp {
        filter::Stamp { mode: self.config.consent.mode, policy: POLICY_VERSION.to_owned() }
    }
}

/// Lets this process have as many files and connections open as it may need. Many systems allow 1,024 unless asked
/// for more, and a connection refused for that reason would look like a failure of the host.
fn make_room(connections: usize) -> Result<(), Stop> {
    let needed = (connections + OTHER_FILES) as u64;
    // As many as the system lets us have: connections at rest between two requests count, too.
    let limit = rlimit::increase_nofile_limit(u64::MAX)?;
    if limit >= needed {
        return Ok(());
    }
    let message = format!("`fetch.max_connections` is {connections}, and this process may have {limit} files open");
    let most = limit.saturating_sub(OTHER_FILES as u64);
    Err(Stop::yours(message, format!("raise the limit (`ulimit -n {needed}`), or choose at most {most} connections")))
}

impl Identity {
    async fn of(store: &Store) -> Result<Self, Stop> {
        let started_at = Utc::now();
        let entropy = format!("{}{}{}", std::process::id(), store.url(), started_at.timestamp_nanos_opt().unwrap_or(0));
        let fresh = Self {
            id: format!("{}-{}", started_at.format("%Y%m%dT%H%M%SZ"), &sha256_hex(entropy.as_bytes())[..8]),
            round: 0,
            started_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        if store.put_new(RUN_FILE, fresh.text()?).await? {
            return Ok(fresh);
        }
        let found = store.get(RUN_FILE).await?.unwrap_or_default();
        serde_json::from_slice(&found).map_err(|error| {
            let hint = "it is no run's folder, or a damaged one: choose another `output.dir`";
            Stop::yours(format!("`{}{RUN_FILE}` cannot be read: {error}", store.url()), hint)
        })
    }

    async fn put(&self, store: &Store) -> Result<(), Stop> {
        Ok(store.put(RUN_FILE, self.text()?).await?)
    }

    fn text(&self) -> Result<Vec<u8>, Stop> {
        serde_json::to_vec_pretty(self).map_err(|error| Stop::ours(error.into()))
    }
}

/// Reads a configuration file, with overrides.
pub(crate) fn read_config(path: &Path, settings: &[String]) -> Result<Config, Stop> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let hint = "name a configuration file; `configs/` has commented ones to begin with";
        Stop::yours(format!("`{}` cannot be read: {error}", path.display()), hint)
    })?;
    Config::parse(&text, settings).map_err(|error| Stop::from(error).context(format!("`{}`", path.display())))
}

/// Reads all opt-out lists; a list that is missing or broken stops the run, since a no in it
/// would go unheard.
pub(crate) fn read_lists(names: &[String]) -> Result<(OptOutList, String), Stop> {
    let mut all = OptOutList::empty();
    let mut digest = Sha256::new();
    for name in names {
        let text = std::fs::read_to_string(Path::new(name)).map_err(|error| {
            let hint = "opt-outs in it would go unheard; name a list that exists, or remove it from `consent.lists`";
            Stop::yours(format!("opt-out list `{name}` cannot be read: {error}"), hint)
        })?;
        digest.update(text.as_bytes());
        all.extend(OptOutList::parse(name, &text)?);
    }
    Ok((all, hex(&digest.finalize())))
}
