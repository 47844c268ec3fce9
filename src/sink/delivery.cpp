// What a writer does on its strand: compression, upload and queue message of each batch.
#include <async/offload.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <sink/sink_state.hpp>
#include <sink/writer.hpp>
#include <string>
#include <utility>

namespace kusto::sink
{

namespace asio = boost::asio;

namespace
{

// Raw bytes that one compression job takes at most, so that batches take turns.
constexpr std::size_t job_size = std::size_t(4) << 20;
// Time that the channel has to report the timeout itself, in its own words.
constexpr auto expiry_grace = std::chrono::seconds(1);

using time_point = std::chrono::steady_clock::time_point;

/// Says where the compression of a batch can be woken, for as long as it waits there.
class compression_wait
{
public:
    compression_wait(batch& one, asio::any_io_executor executor)
        : event(std::move(executor)),
          batch_(one)
    {
        batch_.compression_waits = &event;
    }
    compression_wait(compression_wait const&) = delete;
    compression_wait& operator=(compression_wait const&) = delete;
    ~compression_wait() { batch_.compression_waits = nullptr; }

    async::one_shot event;

private:
    batch& batch_;
};

void wake_compression(batch const& one) noexcept
{
    if (one.compression_waits != nullptr)
        one.compression_waits->set();
}

} // namespace

void writer::on_wake_up(state_ptr const& state)
{
    std::vector<std::shared_ptr<batch>> fresh;
    std::shared_ptr<batch> open;
    {
        std::lock_guard const lock(gate_);
        woken_ = false;
        fresh.swap(fresh_);
        open = open_;
    }
    for (auto const& one : fresh)
        start(state, one);
    for (auto const& one : live_)
        wake_compression(*one);
    if (open)
        arm_interval(state, open);
    else
        interval_.cancel();
}

void writer::arm_interval(state_ptr const& state, std::shared_ptr<batch> const& open)
{
    if (std::exchange(armed_for_, open->number) == open->number)
        return;
    interval_.expires_at(deadline(open->opened + state->options().batch_interval()).when());
    interval_.async_wait(
        [this, state, open](boost::system::error_code ec)
        {
            if (!ec)
                seal_if_open(*open, core::seal_reason::interval);
        });
}

void writer::arm_expiry(state_ptr const& state, std::shared_ptr<batch> const& one)
{
    one->expiry.emplace(strand_);
    one->expiry->expires_at(one->sealed_at + state->options().delivery_timeout() + expiry_grace);
    one->expiry->async_wait(
        [state, one](boost::system::error_code ec)
        {
            if (ec || one->resolved)
                return;
            one->timed_out = true;
            one->cancel.emit(asio::cancellation_type::terminal);
        });
}

void writer::start(state_ptr const& state, std::shared_ptr<batch> const& one)
{
    live_.push_back(one);
    one->source_id = base::guid::random();
    if (state->abandoned())
    {
        finish(state, one, why_cancelled(state, *one));
        return;
    }
    one->compressor = std::make_shared<batch_compressor>(
        state->options().compression_level(), state->block_size(), state->compression().stopping());
    state->tasks().spawn(strand_, compress(state, one), one->cancel_compression.slot(), one);
    state->tasks().spawn(strand_, deliver(state, one), one->cancel.slot(), one);
}

void writer::give_up_all()
{
    seal(core::seal_reason::abandoned);
    // A copy, because a batch may be finished, and taken off the list, on the way.
    auto const all = live_;
    for (auto const& one : all)
    {
        one->cancel.emit(asio::cancellation_type::terminal);
        one->cancel_compression.emit(asio::cancellation_type::terminal);
    }
}

bool writer::take_pieces(batch& from, std::vector<chunk>& pieces)
{
    std::lock_guard const lock(gate_);
    std::size_t size = 0;
    auto next = from.full.begin();
    for (; next != from.full.end() && size < job_size; ++next)
    {
        size += next->bytes().size();
        pieces.push_back(next->take());
    }
    from.full.erase(from.full.begin(), next);
    return from.sealed && from.full.empty();
}

asio::awaitable<void> writer::compress(state_ptr state, std::shared_ptr<batch> one)
{
    try
    {
        co_await compress_pieces(state, one);
    }
    catch (std::exception const& e)
    {
        one->blocks.fail(failure(errc::cancelled, stage::compress,
                                 std::string("the batch could not be compressed: ") + e.what()));
    }
    // Asio awaits once more around this coroutine, which would throw after a cancellation.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
}

asio::awaitable<void> writer::compress_pieces(state_ptr state, std::shared_ptr<batch> one)
{
    auto const executor = co_await asio::this_coro::executor;
    auto const pool = state->compression().executor();
    bool last = false;
    while (!last && !one->resolved)
    {
        std::vector<chunk> pieces;
        last = take_pieces(*one, pieces);
        if (last)
            arm_expiry(state, one);
        if (pieces.empty() && !last)
        {
            compression_wait wait(*one, executor);
            (void)co_await wait.event.wait();
            continue;
        }
        auto work = [compressor = one->compressor, pieces = std::move(pieces), last]() mutable
        { return compressor->run(std::move(pieces), last); };
        auto blocks = co_await async::offload(pool, state->permit(), std::move(work));
        if (!one->resolved)
            one->blocks.publish(std::move(blocks));
    }
    one->blocks.end();
}

asio::awaitable<void> writer::deliver(state_ptr state, std::shared_ptr<batch> one)
{
    result<service::uploaded_blob> end = failure(errc::cancelled, stage::sink, "not delivered");
    try
    {
        end = co_await transmit(state, one);
    }
    catch (boost::system::system_error const& e)
    {
        if (e.code() == asio::error::operation_aborted)
            end = why_cancelled(state, *one);
        else
            end = failure(errc::cancelled, stage::sink, e.what());
    }
    catch (std::exception const& e)
    {
        end = failure(errc::cancelled, stage::sink, e.what());
    }
    // Asio awaits once more around this coroutine, which would throw after a cancellation.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (end.has_error() && one->posting)
        end = failure(end.error()).outcome(outcome::unknown);
    finish(state, one, end);
}

asio::awaitable<result<service::uploaded_blob>> writer::transmit(state_ptr state,
                                                                 std::shared_ptr<batch> one)
{
    // A batch of one block is complete before its upload starts; of a larger one the upload runs
    // beside compression, and maybe before the batch is sealed.
    auto const several = co_await one->blocks.wait_for(1);
    if (several.has_error())
        co_return several.error();
    auto const slot = co_await uploads_->acquire(1);
    if (slot.has_error())
        co_return slot.error();
    auto const& options = state->options();
    service::batch_identity const identity(one->source_id, one->format);
    auto until = one->opened + options.batch_interval() + options.delivery_timeout();
    if (one->blocks.ended())
        until = one->sealed_at + options.delivery_timeout();
    auto const limit = deadline(until);
    auto uploaded = co_await state->channel().upload(identity, one->blocks, limit);
    if (uploaded.has_error())
    {
        state->note_attempts(uploaded.error().attempts());
        co_return uploaded.error();
    }
    state->note_attempts(uploaded->attempts);
    if (!one->blocks.ended())
        co_return failure(errc::malformed_reply, stage::upload,
                          "the upload ended before the batch was complete");
    auto posted = co_await notify(state, one, std::move(*uploaded));
    co_return posted;
}

asio::awaitable<result<service::uploaded_blob>>
writer::notify(state_ptr state, std::shared_ptr<batch> one, service::uploaded_blob blob)
{
    core::batch_key const key(index_, one->number);
    if (!state->begin_post(key, one->counts))
        co_return why_cancelled(state, *one);
    service::batch_identity const identity(one->source_id, one->format);
    auto const until = deadline(one->sealed_at + state->options().delivery_timeout());
    one->posting = true;
    auto const posted = co_await state->channel().post(identity, blob, one->counts.bytes, until);
    // From here on the answer is known.
    one->posting = false;
    if (posted.has_error())
    {
        state->note_attempts(posted.error().attempts());
        co_return posted.error();
    }
    state->note_attempts(*posted);
    co_return blob;
}

void writer::finish(state_ptr const& state, std::shared_ptr<batch> const& one,
                    result<service::uploaded_blob> const& end)
{
    // An upload that fails early leaves its batch open.
    seal_if_open(*one, core::seal_reason::abandoned);
    one->resolved = true;
    if (one->expiry)
        one->expiry->cancel();
    std::vector<chunk> dropped;
    {
        std::lock_guard const lock(gate_);
        dropped.swap(one->full);
    }
    dropped.clear();
    core::batch_key const key(index_, one->number);
    if (end.has_value())
        state->resolve(key, one->counts, core::batch_outcome::delivered, std::nullopt, end->size);
    else if (end.error().outcome() == outcome::unknown)
        state->resolve(key, one->counts, core::batch_outcome::unknown, end.error(), 0);
    else
        state->resolve(key, one->counts, core::batch_outcome::failed, end.error(), 0);
    one->blocks.clear();
    one->compressor.reset();
    wake_compression(*one);
    live_.remove(one);
    state->after_resolve();
}

failure writer::why_cancelled(state_ptr const& state, batch const& one) const
{
    auto const where = one.posting ? stage::post : stage::upload;
    if (one.timed_out)
        return failure(errc::timed_out, where,
                       "the batch was not delivered within delivery_timeout (" +
                           std::to_string(state->options().delivery_timeout().count()) +
                           " ms from sealing); look at the service, or allow more time");
    return failure(errc::cancelled, where,
                   "the batch was given up when the sink was closed or destroyed; give close() a "
                   "later deadline");
}

} // namespace kusto::sink
