#include <net/exchange.hpp>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <net/reply_reader.hpp>
#include <net/watchdog.hpp>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;
using boost::system::error_code;

namespace
{

// The slowest transfer that is waited for, in bytes a second.
constexpr std::size_t slowest_rate = std::size_t(64) << 10;
// When the request could not be sent completely, the server may have answered all the same, and
// its answer tells more than the broken connection.
constexpr auto early_reply_grace = std::chrono::seconds(1);

/// The state of one exchange, shared by its steps.
class conversation
{
public:
    conversation(stream& peer, async::http_request const& request, request_image const& image,
                 exchange_limits limits, asio::any_io_executor const& strand)
        : peer(peer),
          request(request),
          limits(limits),
          started(deadline::clock::now()),
          sent_size(image.size()),
          reader(request.method == async::http_method::head, limits.header_limit,
                 request.reply_limit),
          dog(strand),
          job(std::make_shared<pending_write>(strand, image.buffers()))
    {
    }

    /// Time for everything moved so far.
    std::chrono::milliseconds allowance() const
    {
        auto const slow = std::chrono::seconds((sent_size + reader.received()) / slowest_rate);
        return (std::max)(limits.request_timeout, std::chrono::milliseconds(slow));
    }

    void guard()
    {
        due = deadline(started + allowance()).sooner(limits.until);
        dog.arm(due, [this] { cut(); });
    }

    void cut() noexcept
    {
        cut_off = cut_off || !job->done();
        peer.close();
    }

    void start()
    {
        job->on_failure(
            [this]
            {
                if (!dog.expired() && !cut_off)
                    dog.arm(due.sooner(deadline::after(early_reply_grace)), [this] { cut(); });
            });
        guard();
        peer.start_write(job);
    }

    failure why() const;
    failure timed_out() const;
    failure broken() const;

    stream& peer;
    async::http_request const& request;
    exchange_limits limits;
    deadline::time_point started;
    std::size_t sent_size;
    reply_reader reader;
    watchdog dog;
    std::shared_ptr<pending_write> job;
    deadline due = deadline::never();
    error_code read_error;
    // The write was ended by us, not by the network.
    bool cut_off = false;
};

failure conversation::timed_out() const
{
    bool const by_caller = limits.until.when() <= started + allowance();
    auto const limit = std::chrono::duration_cast<std::chrono::milliseconds>(due.when() - started);
    std::string message =
        job->complete() ? "no complete reply within " : "the request could not be sent within ";
    message += std::to_string(limit.count());
    message += by_caller ? " ms, the caller's deadline" : " ms (request_timeout)";
    return failure(errc::timed_out, job->complete() ? stage::receive : stage::send, message);
}

failure conversation::broken() const
{
    bool const write_failed = job->done() && job->error() && !cut_off;
    // The peer's own word, an alert, tells more than that it stopped listening.
    bool const by_write = write_failed && !peer.is_tls_error(read_error);
    auto const ec = by_write ? job->error() : read_error;
    auto const code = peer.is_tls_error(ec) ? errc::tls_failed : errc::connection_lost;
    std::string message = write_failed || !job->complete()
                              ? "the connection broke while the request was sent"
                              : "the connection broke before the reply was complete";
    auto const reason = ec == asio::error::eof ? "closed by the server" : ec.message();
    return failure(code, job->complete() ? stage::receive : stage::send,
                   message + " (" + reason + ")");
}

failure conversation::why() const
{
    bool const write_failed = job->done() && job->error() && !cut_off;
    auto what = reader.failed()                  ? reader.why()
                : dog.expired() && !write_failed ? timed_out()
                                                 : broken();
    if (!reader.failed())
        what.retryable(true); // the handshake had succeeded, so even a TLS error may pass
    // A redirecting server has not done what was asked.
    if (job->complete() && what.code() != errc::redirect_refused)
        what.outcome(outcome::unknown);
    return blame(request, what);
}

/// Reads until the reply is complete, or nothing more can come.
asio::awaitable<void> read_reply(conversation& talk)
{
    auto planned = talk.allowance();
    while (!talk.reader.done() && !talk.reader.failed())
    {
        auto const [ec, transferred] = co_await talk.peer.read_some(talk.reader.prepare());
        if (ec == asio::error::eof && talk.reader.started())
        {
            talk.reader.end_of_stream();
            break;
        }
        talk.read_error = ec;
        if (ec)
            break;
        talk.reader.commit(transferred);
        if (talk.allowance() > planned && !talk.job->error())
            talk.guard();
        planned = talk.allowance();
    }
    // The write may have ended already with its handler still in the queue.
    if (talk.reader.done() && !talk.job->done())
        co_await asio::post(talk.job->strand(), asio::use_awaitable);
}

exchange_result conclude(conversation& talk, bool intact)
{
    if (!talk.reader.done())
    {
        exchange_result ended(talk.why());
        ended.stale = !talk.reader.started() && !talk.dog.expired();
        return ended;
    }
    exchange_result ended(talk.reader.take());
    ended.reusable = intact && talk.reader.keeps_alive();
    ended.keep_alive = talk.reader.keep_alive_timeout();
    return ended;
}

} // namespace

asio::awaitable<exchange_result> exchange(stream& peer, async::http_request const& request,
                                          request_image const& image, exchange_limits limits)
{
    auto const strand = co_await asio::this_coro::executor;
    conversation talk(peer, request, image, limits, strand);
    talk.start();
    std::exception_ptr interrupted;
    try
    {
        co_await read_reply(talk);
    }
    catch (...)
    {
        interrupted = std::current_exception();
    }
    bool intact = talk.job->complete();
    if (!talk.job->done())
    {
        // Only the read can have ended early; whatever it brought stands. To await anything would
        // throw after a cancellation, and leave the write to a stream that is gone.
        talk.cut();
        bool const throws = co_await asio::this_coro::throw_if_cancelled();
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await talk.job->join();
        co_await asio::this_coro::throw_if_cancelled(throws);
    }
    auto const state = co_await asio::this_coro::cancellation_state;
    bool const cancelled = state.cancelled() != asio::cancellation_type::none;
    if (cancelled || interrupted)
    {
        intact = false;
        peer.close();
    }
    if (interrupted)
        std::rethrow_exception(interrupted);
    if (cancelled && !talk.reader.done())
        throw boost::system::system_error(asio::error::operation_aborted);
    co_return conclude(talk, intact);
}

} // namespace kusto::net
