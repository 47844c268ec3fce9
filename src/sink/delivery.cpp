// The delivery of one batch: upload, queue message, status, or into the sink's store, and again while
// trouble lasts.
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <core/patience.hpp>
#include <exception>
#include <sink/sink_state.hpp>
#include <sink/writer.hpp>
#include <string>
#include <utility>

namespace kusto::sink
{

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

asio::awaitable<void> writer::deliver(state_ptr state, std::shared_ptr<batch> one)
{
    auto const got = co_await pursue_guarded(state, one);
    core::batch_end end(core::batch_outcome::delivered);
    if (got.has_error())
        end = co_await settle_guarded(state, one, got.error());
    // Asio awaits once more around this coroutine, which would throw after a cancellation.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    finish(state, one, std::move(end));
}

asio::awaitable<writer::end_result> writer::pursue_guarded(state_ptr state,
                                                           std::shared_ptr<batch> one)
{
    end_result end = failure(errc::cancelled, stage::sink, "not delivered");
    try
    {
        end = co_await pursue(state, one);
    }
    catch (boost::system::system_error const& e)
    {
        if (e.code() == asio::error::operation_aborted)
            end = why_cancelled(*one);
        else
            end = failure(errc::cancelled, stage::sink, e.what());
    }
    catch (std::exception const& e)
    {
        end = failure(errc::cancelled, stage::sink, e.what());
    }
    // A batch whose time is over is dealt with as one that was refused: from here on only closing
    // the sink cancels again.
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    one->pursued = true;
    if (end.has_error())
        end = explain(end.error(), *one);
    co_return end;
}

asio::awaitable<writer::end_result> writer::pursue(state_ptr state, std::shared_ptr<batch> one)
{
    // A batch of one block is complete before its upload starts; of a larger one the upload runs
    // beside compression, and maybe before the batch is sealed.
    auto const several = co_await one->blocks.wait_for(1);
    if (several.has_error())
        co_return several.error();
    core::patience patience(state->options().retry(), state->options().guarantee());
    for (;;)
    {
        if (one->slot.amount() == 0)
        {
            // Kept while the batch waits for trouble to pass: so many batches at most ask the
            // service whether it is back.
            auto slot = co_await uploads_->acquire(1);
            if (slot.has_error())
                co_return slot.error();
            one->slot = std::move(*slot);
        }
        auto const end = co_await try_delivery(state, one);
        if (end.has_value())
            co_return end;
        auto const again =
            patience.after(end.error(), delivery_end(*one), state->time().now(), state->random());
        if (!again)
            co_return end;
        note_waiting(state, *one, end.error());
        // The next try is a retry of its own, however many attempts it has.
        state->note_attempts(2);
        co_await state->time().wait_until(*again);
    }
}

asio::awaitable<writer::end_result> writer::try_delivery(state_ptr state, std::shared_ptr<batch> one)
{
    if (state->store() != nullptr)
    {
        auto kept = co_await keep(state, one);
        co_return kept;
    }
    // Where a message may be on its way already, only the same blob is posted again. (The channel
    // signs its address anew where it can.)
    bool const too_old = one->uploaded && !one->maybe_posted && !one->content_dropped &&
                         one->uploaded->usable_until.passed(state->time().now());
    if (!one->uploaded || too_old)
    {
        auto const uploaded = co_await upload(state, one);
        if (uploaded.has_error())
            co_return uploaded.error();
    }
    auto const ready = co_await take_post_slot(one);
    if (ready.has_error())
        co_return ready.error();
    auto posted = co_await notify(state, one);
    if (posted.has_error())
        co_return posted.error();
    if (!posted->statuses)
        co_return service::ingestion_end::succeeded;
    auto end = co_await confirm(state, one, std::move(*posted));
    co_return end;
}

asio::awaitable<writer::end_result> writer::keep(state_ptr state, std::shared_ptr<batch> one)
{
    core::batch_key const key(index_, one->number);
    auto const start = clock::now();
    auto const kept = co_await state->store()->keep(key, one->format, one->blocks);
    state->latency().upload.record(clock::now() - start);
    state->codecs().note_sent(one->blocks.take_sent());
    if (kept.has_error())
        co_return kept.error();
    if (!one->blocks.ended())
        co_return failure(errc::disk_failed, stage::ledger,
                          "the batch file ended before the batch was complete");
    one->compressed = one->blocks.size();
    state->store()->kept(key, one->counts);
    note_going_on(state, *one);
    co_return service::ingestion_end::succeeded;
}

asio::awaitable<result<void>> writer::upload(state_ptr state, std::shared_ptr<batch> one)
{
    service::batch_identity const identity(one->source_id, one->format);
    auto const start = clock::now();
    auto uploaded = co_await state->channel().upload(identity, one->blocks, delivery_end(*one));
    state->latency().upload.record(clock::now() - start);
    state->codecs().note_sent(one->blocks.take_sent());
    if (uploaded.has_error())
    {
        state->note_attempts(uploaded.error().attempts());
        co_return uploaded.error();
    }
    state->note_attempts(uploaded->attempts);
    if (!one->blocks.ended())
        co_return failure(errc::malformed_reply, stage::upload,
                          "the upload ended before the batch was complete");
    one->uploaded.emplace(std::move(*uploaded));
    one->compressed = one->uploaded->size;
    co_return result<void>();
}

/// A queue message takes as long as the network's way there and back, and no bandwidth: the next
/// upload need not wait for it. The old slot is kept until there is a new one, so that uploads stop
/// when messages do. A batch that must be uploaded again does so with the slot that it has: if it
/// waited for another one, all could wait for each other.
asio::awaitable<result<void>> writer::take_post_slot(std::shared_ptr<batch> one)
{
    if (one->has_post_slot)
        co_return result<void>();
    auto slot = co_await posts_->acquire(1);
    if (slot.has_error())
        co_return slot.error();
    one->slot = std::move(*slot);
    one->has_post_slot = true;
    co_return result<void>();
}

asio::awaitable<result<service::posted_message>> writer::notify(state_ptr state,
                                                                std::shared_ptr<batch> one)
{
    core::batch_key const key(index_, one->number);
    if (!state->begin_post(key, one->counts))
        co_return why_cancelled(*one);
    service::batch_identity const identity(one->source_id, one->format);
    auto const start = clock::now();
    one->posting = true;
    auto posted = co_await state->channel().post(identity, *one->uploaded, one->counts.bytes,
                                                 delivery_end(*one));
    // From here on it is known what is known.
    one->posting = false;
    state->latency().post.record(clock::now() - start);
    if (posted.has_error())
    {
        state->note_attempts(posted.error().attempts());
        if (posted.error().outcome() == outcome::unknown)
            one->maybe_posted = true;
        else if (!one->maybe_posted)
            state->retract_post(key);
        co_return posted.error();
    }
    auto const repeated = posted->repeated + (one->maybe_posted ? 1 : 0);
    state->note_attempts(posted->attempts);
    state->note_repeated_posts(repeated);
    one->possibly_twice = one->possibly_twice || repeated != 0;
    // Until the service says otherwise, a batch that is asked about may be in the table: also when
    // asking is cancelled before it begins.
    one->maybe_posted = posted->statuses.has_value();
    note_going_on(state, *one);
    co_return std::move(*posted);
}

asio::awaitable<writer::end_result> writer::confirm(state_ptr state, std::shared_ptr<batch> one,
                                                    service::posted_message message)
{
    one->slot.release();
    one->has_post_slot = false;
    if (state->options().on_permanent_failure().what() == failure_policy::kind::stop)
    {
        one->content_dropped = true;
        one->blocks.clear();
        one->compressor.reset();
    }
    state->queued(core::batch_key(index_, one->number));
    service::batch_identity const identity(one->source_id, one->format);
    auto const start = clock::now();
    one->confirming = true;
    auto end = co_await state->channel().confirm(identity, message, deadline::never());
    state->latency().ingest.record(clock::now() - start);
    bool const refused = end.has_error() && end.error().outcome() == outcome::failed;
    // Another message for it may still be on its way.
    one->maybe_posted = end.has_error() && (!refused || one->possibly_twice);
    co_return end;
}

void writer::note_waiting(state_ptr const& state, batch& one, failure const& why) const
{
    state->note_trouble(why, !one.trouble.has_value());
    one.trouble = why;
    state->log().failed(log_level::warning, "a batch waits for trouble to pass", why,
                        {log_field("source_id", one.source_id.to_string())});
}

void writer::note_going_on(state_ptr const& state, batch& one) const
{
    if (!std::exchange(one.trouble, std::nullopt))
        return;
    state->note_trouble_over();
    state->log()(log_level::info, stage::sink, "a batch goes on: the trouble has passed",
                 {log_field("source_id", one.source_id.to_string())});
}

deadline writer::delivery_end(batch const& one) const
{
    auto const timeout = owner_.options().delivery_timeout();
    if (timeout == timeout.zero())
        return deadline::never();
    if (one.blocks.ended())
        return deadline(one.sealed_at + timeout);
    return deadline(one.opened + owner_.options().batch_interval() + timeout);
}

failure writer::explain(failure why, batch const& one) const
{
    bool const maybe_there =
        why.outcome() == outcome::unknown || one.posting || one.maybe_posted;
    // The channel knows what was cancelled; why, the sink knows.
    if (why.code() == errc::cancelled && why.where() != stage::sink &&
        why.where() != stage::compress)
        why = why_cancelled(one);
    if (maybe_there)
        why.outcome(outcome::unknown);
    return why.source_id(one.source_id.to_string());
}

failure writer::why_cancelled(batch const& one) const
{
    auto const where = one.posting ? stage::post : stage::upload;
    auto code = errc::cancelled;
    std::string message = "the batch was given up when the sink was closed or destroyed; give "
                          "close() a later deadline";
    if (one.timed_out)
    {
        code = errc::timed_out;
        message = "the batch was not delivered within delivery_timeout (" +
                  std::to_string(owner_.options().delivery_timeout().count()) +
                  " ms from sealing); look at the service, or allow more time";
    }
    auto const trouble = one.trouble ? one.trouble : owner_.trouble();
    if (trouble)
        message += "; batches waited because of: " + failure(*trouble).server_text({}).describe();
    return failure(code, where, std::move(message));
}

} // namespace kusto::sink
