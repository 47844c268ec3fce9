#include <emulator/data_manager.hpp>

#include "gunzip.hpp"
#include "ingestion_message.hpp"
#include "ingestion_properties.hpp"
#include "ingestion_report.hpp"
#include "mapping.hpp"

#include <algorithm>
#include <base/guid.hpp>
#include <mutex>

namespace kusto::emulator
{

namespace
{

using kql::ingest_failure;
using kql::ingestion_message;
using clock_type = data_manager::clock;

constexpr char const* already_in_batch = "BlobAlreadyReceived_BlobAlreadyFoundInBatch";

/// A message on its way, and what is to go wrong with it.
struct delivery
{
    ingestion_message message;
    message_faults fate;
    storage_access::wall_time posted;
    tag_check tags = tag_check::at_commit;
};

/// A delivery that is not put into a batch before its time.
struct held_delivery
{
    clock_type::time_point due;
    delivery what;
};

struct late_report
{
    clock_type::time_point due;
    ingestion_message message;
    ingest_result result;
};

struct batch
{
    std::string key;
    clock_type::time_point due;
    std::uint64_t raw_bytes = 0;
    bool sealed = false;
    std::vector<delivery> deliveries;
};

ingest_result failed(ingest_failure const& from)
{
    ingest_result result;
    result.status = "Failed";
    result.error_code = from.code;
    result.details = from.details;
    result.permanent = from.permanent;
    result.operation_id = base::guid::random().to_string();
    result.activity_id = base::guid::random().to_string();
    return result;
}

bool ends_with_gz(std::string const& path)
{
    return path.size() > 3 && kql::same_text(std::string_view(path).substr(path.size() - 3), ".gz");
}

/// The ingestion that a message asks for, without its data; \throws ingest_failure
ingest_request request_of(ingestion_message const& message)
{
    ingest_request request;
    request.database = message.database;
    request.table = message.table;
    request.source_path = message.blob_path();
    kql::apply_ingestion_properties(request, message.properties);
    return request;
}

/// A failure of the fault script's making.
ingest_result scripted(message_faults const& fate)
{
    bool const transient = *fate.fails == ingestion_failure_kind::transient;
    bool const exhausted = *fate.fails == ingestion_failure_kind::exhausted;
    char const* usual = transient   ? "General_ThrottledIngestion"
                        : exhausted ? "General_RetryAttemptsExceeded"
                                    : "BadRequest_InvalidBlob";
    auto result = failed({fate.error_code.empty() ? usual : fate.error_code,
                          "the fault script lets this ingestion fail", !transient});
    result.exhausted = exhausted;
    return result;
}

} // namespace

struct data_manager::impl
{
    impl(engine& target, storage_access& storage, batching_policy policy, ingestion_faults* faults,
         bool atomic_tags)
        : target(target),
          storage(storage),
          policy(policy),
          faults(faults),
          atomic_tags(atomic_tags)
    {
    }

    void place(delivery what, clock::time_point now);
    void arrive(delivery what, clock::time_point now);
    std::vector<batch> take_due(clock::time_point now);
    void check_tags(std::vector<batch>& due);
    void process(batch& work, clock::time_point now);
    ingest_result ingest(delivery const& what, bool repeated);
    storage_access::download fetch(ingestion_message const& message,
                                   storage_access::wall_time posted);
    std::string expand(ingestion_message const& message, std::string bytes);
    void count_discarded(ingestion_message const& message, discarded_content const& content);
    void record(ingestion_message const& message, ingest_result const& result);
    void report(ingestion_message const& message, ingest_result const& result);
    void report_in_time(delivery const& what, ingest_result const& result, clock::time_point now);
    void report_late(clock::time_point now);
    void finish(delivery& what, ingest_result const& result, clock::time_point now);
    clock::time_point next_due() const;

    engine& target;
    storage_access& storage;
    batching_policy const policy;
    ingestion_faults* const faults;
    bool const atomic_tags;

    mutable std::mutex mutex; ///< guards what follows
    std::vector<delivery> inbox;
    std::vector<held_delivery> held;
    std::vector<late_report> late;
    std::vector<batch> batches;
    std::size_t in_progress = 0;
    totals counted;
    discarded_counts thrown_away;
};

void data_manager::impl::place(delivery what, clock::time_point now)
{
    auto const& message = what.message;
    std::string key = message.batch_key();
    bool const alone = message.alone();
    auto found =
        std::find_if(batches.begin(), batches.end(),
                     [&](batch const& open) { return !alone && !open.sealed && open.key == key; });
    if (found == batches.end())
    {
        batch opened;
        opened.key = std::move(key);
        opened.due = now + policy.time_span;
        batches.push_back(std::move(opened));
        found = batches.end() - 1;
    }
    found->raw_bytes += message.raw_size.value_or(0);
    bool const flush = message.flush_immediately;
    found->deliveries.push_back(std::move(what));
    found->sealed = alone || flush || found->deliveries.size() >= policy.items ||
                    found->raw_bytes >= policy.raw_bytes;
}

/// A message out of the queue: into a batch, or held back, and perhaps a copy of it later.
void data_manager::impl::arrive(delivery what, clock::time_point now)
{
    std::optional<delivery> copy;
    auto const again = what.fate.again;
    auto const hold = what.fate.hold;
    if (again)
        copy = delivery{what.message, message_faults(), what.posted, tag_check::at_commit};
    if (hold.count() > 0)
        held.push_back({now + hold, std::move(what)});
    else
        place(std::move(what), now);
    if (!copy)
        return;
    if (again->count() + hold.count() > 0)
        held.push_back({now + hold + *again, std::move(*copy)});
    else
        place(std::move(*copy), now);
}

std::vector<batch> data_manager::impl::take_due(clock::time_point now)
{
    std::lock_guard const lock(mutex);
    auto const first_held = std::stable_partition(
        held.begin(), held.end(), [&](held_delivery const& waiting) { return waiting.due > now; });
    std::stable_sort(first_held, held.end(),
                     [](auto const& a, auto const& b) { return a.due < b.due; });
    for (auto ready = first_held; ready != held.end(); ++ready)
        place(std::move(ready->what), now);
    held.erase(first_held, held.end());
    for (auto& what : inbox)
        arrive(std::move(what), now);
    inbox.clear();
    auto const first_due =
        std::stable_partition(batches.begin(), batches.end(),
                              [&](batch const& open) { return !open.sealed && open.due > now; });
    std::vector<batch> due(std::make_move_iterator(first_due),
                           std::make_move_iterator(batches.end()));
    batches.erase(first_due, batches.end());
    for (auto const& work : due)
        in_progress += work.deliveries.size();
    return due;
}

/// The first of two steps that can let two ingestions of one tag pass.
void data_manager::impl::check_tags(std::vector<batch>& due)
{
    for (auto& work : due)
        for (auto& what : work.deliveries)
            try
            {
                what.tags = target.check_tags(request_of(what.message));
            }
            catch (ingest_failure const&)
            {
                what.tags = tag_check::passed; // the ingestion will fail with the reason
            }
}

storage_access::download data_manager::impl::fetch(ingestion_message const& message,
                                                   storage_access::wall_time posted)
{
    if (message.blob_path().empty())
        throw ingest_failure{"BadRequest_EmptyBlobUri", "BlobPath is empty", true};
    auto fetched = storage.fetch(message.blob_url, posted);
    if (!fetched.ok)
        throw ingest_failure{fetched.error_code, fetched.details, true};
    return fetched;
}

std::string data_manager::impl::expand(ingestion_message const& message, std::string bytes)
{
    std::string const path = message.blob_path();
    bool const plain = kql::same_text(message.property("treatgzasuncompressed"), "true");
    if (ends_with_gz(path) && !plain)
    {
        auto expanded = kql::gunzip(bytes);
        if (!expanded)
            throw ingest_failure{"BadRequest_InvalidBlob",
                                 "the blob's name ends with .gz but its content is not valid gzip",
                                 true};
        bytes = std::move(*expanded);
    }
    if (message.raw_size && *message.raw_size != bytes.size())
    {
        std::lock_guard const lock(mutex);
        ++counted.raw_size_mismatches;
    }
    return bytes;
}

void data_manager::impl::count_discarded(ingestion_message const& message,
                                         discarded_content const& content)
{
    auto const announced = content.summary.announced_raw_size();
    auto const raw = message.raw_size.value_or(0);
    std::lock_guard const lock(mutex);
    auto& seen = thrown_away;
    ++seen.blobs;
    seen.bytes += content.summary.size();
    seen.raw_bytes += raw;
    seen.announced_bytes += announced;
    seen.crc_sum += content.summary.crc32();
    seen.inflated_bytes += content.inside.bytes;
    seen.lines += content.inside.lines;
    seen.line_sum += content.inside.line_sum;
    seen.size_mismatches += static_cast<std::uint32_t>(raw) == announced ? 0 : 1;
}

ingest_result data_manager::impl::ingest(delivery const& what, bool repeated)
{
    auto const& message = what.message;
    try
    {
        if (!storage.accepts_identity(message.property("authorizationcontext"), what.posted))
            throw ingest_failure{"BadRequest_InvalidKustoIdentityToken",
                                 "authorizationContext is missing, unknown or expired", true};
        if (repeated)
            throw ingest_failure{already_in_batch,
                                 "the blob is already in this batch and was ingested once", true};
        bool const partial = what.fate.fails == ingestion_failure_kind::partial;
        if (what.fate.fails && !partial)
        {
            auto result = scripted(what.fate);
            record(message, result);
            return result;
        }
        auto request = request_of(message);
        request.first_half_only = partial;
        request.tags_checked = what.tags;
        auto fetched = fetch(message, what.posted);
        request.discarded = fetched.discarded.has_value();
        if (!request.discarded)
            request.data = expand(message, std::move(fetched.bytes));
        auto result = target.ingest(request);
        if (request.discarded && result.status == "Succeeded")
            count_discarded(message, *fetched.discarded);
        if (!partial || result.status != "Succeeded")
            return result;
        auto const reason = scripted(what.fate);
        result.status = "PartiallySucceeded";
        result.error_code = reason.error_code;
        result.details = reason.details;
        record(message, result);
        return result;
    }
    catch (ingest_failure const& failure)
    {
        auto const result = failed(failure);
        record(message, result);
        return result;
    }
}

void data_manager::impl::record(ingestion_message const& message, ingest_result const& result)
{
    target.record_failure(kql::failure_row(message, result));
}

void data_manager::impl::report(ingestion_message const& message, ingest_result const& result)
{
    try
    {
        bool const wanted = kql::is_wanted(message, result);
        if (wanted && kql::goes_to_table(message))
            storage.merge_status(message.status_table_url, message.partition_key, message.row_key,
                                 kql::status_properties(result));
        if (wanted && kql::goes_to_queue(message))
            storage.notify(!kql::is_failure(result), kql::notification(message, result));
    }
    catch (std::exception const& problem)
    {
        // The data is in the table or not; a lost report changes nothing about that.
        ingest_result lost = result;
        lost.details = std::string("the outcome could not be reported: ") + problem.what();
        lost.error_code = "General_InternalServerError";
        record(message, lost);
    }
}

void data_manager::impl::report_in_time(delivery const& what, ingest_result const& result,
                                        clock::time_point now)
{
    if (what.fate.status_lost)
        return;
    if (what.fate.status_delay.count() == 0)
    {
        report(what.message, result);
        return;
    }
    std::lock_guard const lock(mutex);
    late.push_back({now + what.fate.status_delay, what.message, result});
}

void data_manager::impl::report_late(clock::time_point now)
{
    std::vector<late_report> due;
    {
        std::lock_guard const lock(mutex);
        auto const first = std::stable_partition(
            late.begin(), late.end(), [&](late_report const& one) { return one.due > now; });
        due.assign(std::make_move_iterator(first), std::make_move_iterator(late.end()));
        late.erase(first, late.end());
    }
    std::stable_sort(due.begin(), due.end(),
                     [](auto const& a, auto const& b) { return a.due < b.due; });
    for (auto const& one : due)
        report(one.message, one.result);
}

/// Counts a final outcome, or holds the message until the service repeats it.
void data_manager::impl::finish(delivery& what, ingest_result const& result, clock::time_point now)
{
    std::lock_guard const lock(mutex);
    --in_progress;
    if (what.fate.fails == ingestion_failure_kind::transient && !result.permanent)
    {
        what.fate.fails.reset();
        held.push_back({now + what.fate.recovery, std::move(what)});
    }
    else if (result.status == "Succeeded")
        ++counted.succeeded;
    else if (result.status == "Skipped" || result.error_code == already_in_batch)
        ++counted.skipped;
    else
        ++counted.failed;
}

void data_manager::impl::process(batch& work, clock::time_point now)
{
    std::map<std::string, std::string> seen; // blob to source id
    for (auto& what : work.deliveries)
    {
        auto const [first, is_first] = seen.emplace(what.message.blob_path(), what.message.id);
        auto const result = ingest(what, !is_first);
        // A second delivery of the same source: what became of it is told about the first one.
        bool const copy = !is_first && first->second == what.message.id;
        if (!copy)
            report_in_time(what, result, now);
        if (result.status == "Succeeded" && !what.message.retain_blob)
            storage.remove(what.message.blob_url);
        finish(what, result, now);
    }
}

data_manager::clock::time_point data_manager::impl::next_due() const
{
    auto next = clock::time_point::max();
    for (auto const& open : batches)
        next = std::min(next, open.due);
    for (auto const& waiting : held)
        next = std::min(next, waiting.due);
    for (auto const& one : late)
        next = std::min(next, one.due);
    return next;
}

data_manager::data_manager(engine& target, storage_access& storage, batching_policy policy,
                           ingestion_faults* faults, bool atomic_tags)
    : impl_(std::make_unique<impl>(target, storage, policy, faults, atomic_tags))
{
}

data_manager::~data_manager() = default;

void data_manager::submit(std::string const& message_text, storage_access::wall_time posted)
{
    try
    {
        delivery what{kql::parse_message(message_text), message_faults(), posted,
                      tag_check::at_commit};
        if (impl_->faults != nullptr)
            what.fate = impl_->faults->decide(what.message.blob_url);
        std::lock_guard const lock(impl_->mutex);
        impl_->inbox.push_back(std::move(what));
    }
    catch (ingest_failure const& failure)
    {
        impl_->record(ingestion_message(), failed(failure));
        std::lock_guard const lock(impl_->mutex);
        ++impl_->counted.failed;
    }
}

data_manager::clock::time_point data_manager::run_once(clock::time_point now)
{
    auto due = impl_->take_due(now);
    if (!impl_->atomic_tags)
        impl_->check_tags(due);
    for (auto& work : due)
        impl_->process(work, now);
    impl_->report_late(now);
    std::lock_guard const lock(impl_->mutex);
    if (!impl_->inbox.empty())
        return now;
    return impl_->next_due();
}

std::size_t data_manager::pending() const
{
    std::lock_guard const lock(impl_->mutex);
    std::size_t total = impl_->inbox.size() + impl_->in_progress + impl_->held.size();
    for (auto const& open : impl_->batches)
        total += open.deliveries.size();
    return total;
}

discarded_counts data_manager::discarded() const
{
    std::lock_guard const lock(impl_->mutex);
    return impl_->thrown_away;
}

data_manager::totals data_manager::counts() const
{
    std::lock_guard const lock(impl_->mutex);
    return impl_->counted;
}

} // namespace kusto::emulator
