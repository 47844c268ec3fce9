// What a sink says about itself.
#include <algorithm>
#include <sink/sink_state.hpp>

namespace kusto::sink
{

stage_latencies stage_recorders::snapshot() const noexcept
{
    stage_latencies out;
    out.encode = encode.snapshot();
    out.linger = linger.snapshot();
    out.compress = compress.snapshot();
    out.upload = upload.snapshot();
    out.post = post.snapshot();
    out.ingest = ingest.snapshot();
    out.end_to_end = end_to_end.snapshot();
    return out;
}

} // namespace kusto::sink

namespace kusto::detail
{

void note_encoding(sink_state& state, std::chrono::steady_clock::duration took) noexcept
{
    state.latency().encode.record(took);
}

void sink_state::note_attempts(int attempts) noexcept
{
    if (attempts > 1)
        retries_.fetch_add(static_cast<std::uint64_t>(attempts - 1), std::memory_order_relaxed);
}

void sink_state::note_repeated_posts(int posts) noexcept
{
    repeated_posts_.fetch_add(static_cast<std::uint64_t>(posts), std::memory_order_relaxed);
}

void sink_state::note_trouble(failure const& why, bool first)
{
    std::lock_guard const lock(mutex_);
    trouble_ = why;
    if (first)
        ++troubled_;
}

void sink_state::note_trouble_over()
{
    std::lock_guard const lock(mutex_);
    if (--troubled_ == 0)
        trouble_.reset();
}

std::optional<failure> sink_state::trouble() const
{
    std::lock_guard const lock(mutex_);
    return trouble_;
}

delivery_counts sink_state::accepted() const
{
    delivery_counts sum;
    for (auto& one : writers_)
        sum = core::operator+(sum, one.accepted());
    return sum;
}

delivery_report sink_state::report() const
{
    delivery_report out;
    {
        std::lock_guard const lock(mutex_);
        out = ledger_.resolved();
    }
    // Read after what is resolved, so that it includes that: accepted only grows.
    out.accepted = accepted();
    out.pending = core::operator-(out.accepted, core::resolved_counts(out));
    return out;
}

sink_statistics sink_state::statistics() const
{
    sink_statistics out;
    {
        std::lock_guard const lock(mutex_);
        out.compressed_bytes = compressed_;
        out.waiting_batches = troubled_;
        out.trouble = trouble_;
    }
    out.report = report();
    core::seal_counts seals{};
    auto oldest = time_point::max();
    for (auto& one : writers_)
    {
        one.add_seal_counts(seals);
        oldest = (std::min)(oldest, one.oldest());
    }
    auto const now = std::chrono::steady_clock::now();
    if (oldest < now)
        out.oldest_unacknowledged =
            std::chrono::duration_cast<std::chrono::milliseconds>(now - oldest);
    auto const count = [&](core::seal_reason why) { return seals[static_cast<std::size_t>(why)]; };
    out.sealed_by_records = count(core::seal_reason::records);
    out.sealed_by_bytes = count(core::seal_reason::bytes);
    out.sealed_by_interval = count(core::seal_reason::interval);
    out.sealed_by_flush = count(core::seal_reason::flush);
    out.sealed_by_format = count(core::seal_reason::format);
    out.sealed_by_pressure = count(core::seal_reason::pressure);
    out.retries = retries_.load(std::memory_order_relaxed);
    out.repeated_posts = repeated_posts_.load(std::memory_order_relaxed);
    out.writes_that_waited = waited_.load(std::memory_order_relaxed);
    out.budget_bytes = budget_->used();
    out.budget_peak_bytes = budget_->peak();
    out.budget_limit_bytes = budget_->limit();
    out.latency = latency_.snapshot();
    codecs_.add_to(out);
    return out;
}

} // namespace kusto::detail
