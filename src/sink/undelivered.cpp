// What becomes of a batch that could not be delivered, and the end of every batch.
#include <async/offload.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <kusto/undelivered.hpp>
#include <sink/dead_letter.hpp>
#include <sink/sink_state.hpp>
#include <sink/writer.hpp>
#include <string>
#include <utility>
#include <wire/storage.hpp>

namespace kusto::sink
{

namespace asio = boost::asio;

namespace
{

core::batch_outcome outcome_of(failure const& why) noexcept
{
    return why.outcome() == outcome::unknown ? core::batch_outcome::unknown
                                             : core::batch_outcome::failed;
}

using batch_content = std::vector<block_queue::shared_block>;

std::vector<std::span<std::byte const>> pieces_of(batch_content const& content)
{
    std::vector<std::span<std::byte const>> pieces;
    for (auto const& one : content)
        pieces.emplace_back(*one);
    return pieces;
}

undelivered_batch describe(write_options const& options, batch const& one,
                           batch_content const& content, failure const& why)
{
    return undelivered_batch(
        options.database(), options.table(), one.source_id.to_string(),
        wire::blob_name(options.database(), options.table(), one.source_id, one.format), one.format,
        one.counts, why, pieces_of(content));
}

void log_end(base::logger const& log, batch const& one, core::batch_end const& end)
{
    bool const delivered = end.outcome == core::batch_outcome::delivered;
    auto const level = delivered ? log_level::debug : log_level::error;
    if (!log.wants(level))
        return;
    auto const id = one.source_id.to_string();
    auto const age = std::chrono::steady_clock::now() - one.opened;
    log_field const source("source_id", id);
    log_field const records("records", one.counts.records);
    log_field const bytes("bytes", one.counts.bytes);
    log_field const took("age_ms", std::chrono::duration<double, std::milli>(age).count());
    if (delivered)
        log(level, stage::sink, "a batch was delivered", {source, records, bytes, took});
    else if (end.why)
        log.failed(level, "a batch was not delivered", *end.why, {source, records, bytes, took});
}

} // namespace

asio::awaitable<core::batch_end> writer::settle_guarded(state_ptr state, std::shared_ptr<batch> one,
                                                  failure why)
{
    core::batch_end end(outcome_of(why), why);
    try
    {
        end = co_await settle(state, one, why);
    }
    catch (std::exception const& e)
    {
        // Given up meanwhile, or out of memory.
        state->log()(log_level::error, stage::sink, "the failure policy was not carried out",
                     {log_field("source_id", one->source_id.to_string()),
                      log_field("because", e.what())});
    }
    co_return end;
}

asio::awaitable<core::batch_end> writer::settle(state_ptr state, std::shared_ptr<batch> one, failure why)
{
    // An upload that fails early leaves its batch open.
    seal_if_open(*one, core::seal_reason::abandoned);
    core::batch_end end(outcome_of(why), why);
    auto const& options = state->options();
    if (state->abandoned() || options.guarantee() == delivery_guarantee::none)
        co_return end;
    auto const policy = options.on_permanent_failure().what();
    if (policy == failure_policy::kind::stop)
    {
        // A status that does not come says nothing against the batches that follow.
        end.stops = why.code() != errc::outcome_unknown;
        co_return end;
    }
    one->slot.release();
    auto const all = co_await one->blocks.wait_for_all();
    if (all.has_error())
    {
        // There is nothing to hand over.
        end.stops = true;
        co_return end;
    }
    if (policy == failure_policy::kind::hand_over)
        end = co_await hand_over(state, one, why);
    else
        end = co_await dead_letter(state, one, why);
    co_return end;
}

asio::awaitable<core::batch_end> writer::hand_over(state_ptr state, std::shared_ptr<batch> one,
                                             failure why)
{
    core::batch_end end(outcome_of(why), why);
    auto const content = one->blocks.take();
    auto const what = describe(state->options(), *one, content, why);
    try
    {
        state->options().on_permanent_failure().take()(what);
        end.taken_over = true;
    }
    catch (...)
    {
        end.stops = true;
        state->log()(log_level::error, stage::sink, "the function for undelivered batches threw",
                     {log_field("source_id", what.source_id)});
    }
    co_return end;
}

asio::awaitable<core::batch_end> writer::dead_letter(state_ptr state, std::shared_ptr<batch> one,
                                               failure why)
{
    auto const& options = state->options();
    // The job owns what it writes: it may outlive the batch.
    auto const content = std::make_shared<batch_content const>(one->blocks.take());
    auto const what = describe(options, *one, *content, why);
    auto const letter = std::make_shared<dead_letter_files const>(
        options.on_permanent_failure().directory(), what, state->time().utc_now());
    for (;;)
    {
        auto work = [letter, content, held = one->compressor]
        { return letter->write(pieces_of(*content)); };
        auto const written =
            co_await async::offload(state->compression().executor(), state->permit(), std::move(work));
        if (written.has_value())
            break;
        note_waiting(state, *one, written.error());
        auto const pause = (std::max)(options.retry().cap(), std::chrono::milliseconds(100));
        co_await state->time().wait_until(state->time().now() + pause);
    }
    state->log()(log_level::error, stage::sink, "a batch was written to the dead-letter directory",
                 {log_field("file", what.blob_name), log_field("records", one->counts.records)});
    core::batch_end end(outcome_of(why), why);
    if (end.outcome == core::batch_outcome::failed)
        end.outcome = core::batch_outcome::dead_lettered;
    end.taken_over = true;
    co_return end;
}

void writer::finish(state_ptr const& state, std::shared_ptr<batch> const& one, core::batch_end end)
{
    seal_if_open(*one, core::seal_reason::abandoned);
    one->resolved = true;
    if (one->expiry)
        one->expiry->cancel();
    std::vector<chunk> dropped;
    {
        std::lock_guard const lock(gate_);
        dropped.swap(one->full);
        unresolved_.erase(one->number);
    }
    dropped.clear();
    if (end.outcome == core::batch_outcome::delivered)
    {
        end.compressed = one->compressed;
        end.possibly_twice = one->possibly_twice;
        state->latency().end_to_end.record(std::chrono::steady_clock::now() - one->opened);
    }
    log_end(state->log(), *one, end);
    if (std::exchange(one->trouble, std::nullopt))
        state->note_trouble_over();
    state->resolve(core::batch_key(index_, one->number), one->counts, end);
    one->blocks.clear();
    one->compressor.reset();
    one->slot.release();
    one->wake_compression();
    live_.erase(one->place);
    state->after_resolve();
}

} // namespace kusto::sink
