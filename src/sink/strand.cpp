// What a writer does on its strand: it takes batches from the producers, starts their delivery, and
// has them compressed.
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

/// Tells the choice of codecs how the jobs of a batch went.
class job_watch
{
public:
    using clock = std::chrono::steady_clock;

    job_watch(codec_choice& choice, batch& one) : choice_(choice), batch_(one) {}

    /// There is nothing to compress.
    void idle() noexcept { ran_ = clock::duration::zero(); }

    void begin(std::vector<chunk> const& pieces)
    {
        job_ = compression_job();
        // These pieces became ready while the job before them ran.
        job_.waited = std::exchange(ran_, clock::duration::zero());
        for (auto const& piece : pieces)
            job_.raw_bytes += piece.bytes().size();
        posted_ = clock::now();
    }

    /// \pre the batch is not resolved
    void end()
    {
        auto const& done = *batch_.compressor;
        auto const now = clock::now();
        job_.waited += done.began() - posted_;
        ran_ = now - done.began();
        job_.compressed_bytes = done.made() - made_;
        made_ = done.made();
        choice_.note_sent(batch_.blocks.take_sent());
        choice_.note_job(done.how(), job_, now);
    }

private:
    codec_choice& choice_;
    batch& batch_;
    compression_job job_;
    clock::time_point posted_;
    clock::duration ran_{};
    std::uint64_t made_ = 0;
};

} // namespace

void writer::on_wake_up(state_ptr const& state)
{
    std::vector<std::shared_ptr<batch>> fresh;
    std::vector<std::shared_ptr<batch>> fed;
    std::shared_ptr<batch> open;
    {
        std::lock_guard const lock(gate_);
        woken_ = false;
        fresh.swap(fresh_);
        fed.swap(fed_);
        open = open_;
    }
    for (auto const& one : fresh)
        start(state, one);
    for (auto const& one : fed)
        one->wake_compression();
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
    if (state->options().delivery_timeout() == state->options().delivery_timeout().zero())
        return;
    one->expiry.emplace(strand_);
    one->expiry->expires_at(one->sealed_at + state->options().delivery_timeout() + expiry_grace);
    one->expiry->async_wait(
        [state, one](boost::system::error_code ec)
        {
            if (ec || one->pursued || one->confirming)
                return;
            one->timed_out = true;
            one->cancel.emit(asio::cancellation_type::terminal);
        });
}

void writer::start(state_ptr const& state, std::shared_ptr<batch> const& one)
{
    one->place = live_.insert(live_.end(), one);
    one->source_id = base::guid::random();
    if (state->abandoned())
    {
        finish(state, one, core::batch_end(core::batch_outcome::failed, why_cancelled(*one)));
        return;
    }
    one->compressor = std::make_shared<batch_compressor>(
        state->codecs().how(), state->block_size(), state->compression().supplies(),
        state->compression().stopping());
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
    job_watch watch(state->codecs(), *one);
    bool last = false;
    while (!last && !one->resolved)
    {
        std::vector<chunk> pieces;
        last = take_pieces(*one, pieces);
        if (last)
        {
            arm_expiry(state, one);
            state->latency().linger.record(one->sealed_at - one->opened);
        }
        if (pieces.empty() && !last)
        {
            watch.idle();
            compression_wait wait(*one, executor);
            (void)co_await wait.event.wait();
            continue;
        }
        watch.begin(pieces);
        auto work = [compressor = one->compressor, pieces = std::move(pieces), last]() mutable
        { return compressor->run(std::move(pieces), last); };
        auto blocks = co_await async::offload(pool, state->permit(), std::move(work));
        if (one->resolved)
            continue;
        one->blocks.publish(std::move(blocks));
        watch.end();
    }
    one->blocks.end();
    if (!one->compressor)
        co_return;
    state->latency().compress.record(one->compressor->busy());
    if (last && !one->resolved)
        state->codecs().note_batch(one->compressor->how(), one->counts.bytes,
                                   one->compressor->produced());
}

} // namespace kusto::sink
