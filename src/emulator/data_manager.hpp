#pragma once

#include <chrono>
#include <cstdint>
#include <emulator/engine.hpp>
#include <emulator/ingestion_faults.hpp>
#include <emulator/content_summary.hpp>
#include <functional>
#include <kusto/emulator/discard.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kusto::emulator
{

/// When the ingestion service seals a batch of its own. The defaults are the local cluster's, short
/// so that tests and demonstrations do not wait; the real service's are 5 min, 500 blobs, 1 GiB.
struct batching_policy
{
    std::chrono::milliseconds time_span = std::chrono::milliseconds(50);
    std::uint64_t items = 500;
    std::uint64_t raw_bytes = std::uint64_t(1) << 30;
};

/// What the data manager needs of the storage half; all of it in process.
class storage_access
{
public:
    using wall_time = std::chrono::system_clock::time_point;

    virtual ~storage_access() = default;

    struct download
    {
        bool ok = false;
        std::string bytes;
        std::optional<discarded_content> discarded; ///< instead of `bytes`: they were not kept
        std::string error_code; ///< `Download_SourceNotFound`, `Download_Forbidden`, ...
        std::string details;
    };
    /// Fetches a blob by its URL with SAS, checking signature, expiry and permission.
    /// \param posted  when the message that names it was posted: what a fault script has expired
    ///                since then does not count
    virtual download fetch(std::string const& url_with_sas, wall_time posted) = 0;
    virtual void remove(std::string const& url_with_sas) = 0;
    /// Merges properties into a status entity; a missing entity is created.
    virtual void merge_status(std::string const& table_url_with_sas,
                              std::string const& partition_key, std::string const& row_key,
                              std::map<std::string, std::string> const& properties) = 0;
    /// Texts for the success and failure notification queues (JSON, not yet base64).
    virtual void notify(bool success, std::string const& json) = 0;
    /// Whether an identity token was issued by this cluster and is still valid; `posted` as above.
    virtual bool accepts_identity(std::string const& authorization_context, wall_time posted) = 0;
};

/// The data management half of the local cluster: takes queue messages, batches them, downloads,
/// decompresses and hands blobs to the engine, and reports.
///
/// Runs on the thread that calls `run_once`; the storage server decides when that is.
///
/// \par Thread safety
/// `submit` and the counters: any thread. `run_once`: one thread at a time.
class data_manager
{
public:
    using clock = std::chrono::steady_clock;

    /// \param faults  asked for every message; may be null
    /// \param atomic_tags  whether the tags of `ingestIfNotExists` are looked for in one step with
    ///                     the ingestion; otherwise before the first ingestion of a run
    data_manager(engine& target, storage_access& storage, batching_policy policy,
                 ingestion_faults* faults = nullptr, bool atomic_tags = true);
    ~data_manager();
    data_manager(data_manager const&) = delete;
    data_manager& operator=(data_manager const&) = delete;

    /// Takes the text of a queue message (base64 of JSON). A message that does not parse becomes an
    /// ingestion failure.
    void submit(std::string const& message_text,
                storage_access::wall_time posted = std::chrono::system_clock::now());

    /// Ingests every batch that is due at `now`, and writes the reports that were delayed till
    /// then. \returns when to call again at the latest; `time_point::max()` when nothing is waiting
    clock::time_point run_once(clock::time_point now);

    /// Messages taken and not yet ingested or failed; delayed reports do not count.
    [[nodiscard]] std::size_t pending() const;
    /// Blobs ingested, failed (also in part), skipped (also as duplicates in a batch) so far.
    struct totals
    {
        std::uint64_t succeeded = 0, failed = 0, skipped = 0;
        /// Blobs whose `RawDataSize` was given and was not the size of their uncompressed data. The
        /// service tolerates that; a client should not rely on it.
        std::uint64_t raw_size_mismatches = 0;
    };
    [[nodiscard]] totals counts() const;
    /// Its part of what a cluster that discards has seen.
    [[nodiscard]] discarded_counts discarded() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace kusto::emulator
