#include <host/run_child.hpp>

#include <algorithm>
#include <async/cancellation.hpp>
#include <async/with_deadline.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <fcntl.h>
#include <memory>
#include <utility>

namespace kusto::host
{

namespace asio = boost::asio;

namespace
{

constexpr std::size_t most_output = std::size_t(1) << 20;

/// One stream of the child. What was read is wiped at the end, since it may be a token.
class captured_stream
{
public:
    captured_stream(asio::any_io_executor const& executor, descriptor from)
        : pipe_(executor, from.get()),
          text_(std::string(first_size, '\0'))
    {
        (void)from.release();
    }
    captured_stream(captured_stream const&) = delete;
    captured_stream& operator=(captured_stream const&) = delete;
    ~captured_stream() { base::wipe(text_); }

    /// Reads to the end. Completes with true when there is too much of it.
    asio::awaitable<bool> read()
    {
        constexpr auto token = asio::as_tuple(asio::deferred);
        for (;;)
        {
            make_room();
            auto op = pipe_.async_read_some(space(), token);
            auto const [ec, count] = co_await std::move(op);
            size_ += count;
            // The group may have ended while this read was completing.
            auto const state = co_await asio::this_coro::cancellation_state;
            if (ec || overflowed() || async::was_cancelled(state))
                co_return overflowed();
        }
    }

    /// Reads what is there already.
    void drain()
    {
        boost::system::error_code ec;
        pipe_.non_blocking(true, ec);
        while (!ec && !overflowed())
        {
            make_room();
            size_ += pipe_.read_some(space(), ec);
        }
    }

    [[nodiscard]] bool overflowed() const noexcept { return size_ > most_output; }
    [[nodiscard]] std::string_view text() const noexcept
    {
        return std::string_view(text_).substr(0, size_);
    }

private:
    static constexpr std::size_t first_size = 16 * 1024;

    [[nodiscard]] asio::mutable_buffer space()
    {
        return asio::buffer(text_.data() + size_, text_.size() - size_);
    }
    /// A string that grows by itself would leave copies behind.
    void make_room()
    {
        if (size_ < text_.size())
            return;
        std::string larger(text_.size() * 4, '\0');
        std::copy(text_.begin(), text_.end(), larger.begin());
        base::wipe(text_);
        text_.swap(larger);
    }

    asio::posix::stream_descriptor pipe_;
    std::string text_;
    std::size_t size_ = 0;
};

/// A child with its streams, for the time that it runs.
class running_child
{
public:
    running_child(asio::any_io_executor const& executor, child started)
        : process_(std::move(started)),
          out(executor, std::move(process_.out)),
          err(executor, std::move(process_.err)),
          ended_(executor, ::fcntl(process_.ended(), F_DUPFD_CLOEXEC, 0))
    {
    }

    /// Completes when the process has ended.
    asio::awaitable<bool> wait()
    {
        constexpr auto token = asio::as_tuple(asio::deferred);
        auto op = ended_.async_wait(asio::posix::stream_descriptor::wait_read, token);
        auto const [ec] = co_await std::move(op);
        co_return !ec;
    }

    /// Of a process that has ended.
    child_output collect()
    {
        child_output got;
        out.drain();
        err.drain();
        got.exit_code = process_.reap();
        got.out = base::secret(out.text());
        got.err = std::string(err.text());
        return got;
    }

private:
    child process_; // first: the streams are taken from it, and closed before it is killed

public:
    captured_stream out;
    captured_stream err;

private:
    asio::posix::stream_descriptor ended_;
};

/// Ends a group of operations as soon as one of them says true, or throws.
struct until_one_is_final
{
    asio::cancellation_type_t operator()() const noexcept { return asio::cancellation_type::none; }
    asio::cancellation_type_t operator()(std::exception_ptr const& thrown,
                                         bool final) const noexcept
    {
        return thrown || final ? asio::cancellation_type::terminal : asio::cancellation_type::none;
    }
};

failure too_much(std::string const& program)
{
    return failure(errc::credential_unavailable, stage::token,
                   program + " wrote more than 1 MiB; it was killed");
}

failure not_watched(std::string const& program)
{
    return failure(errc::credential_unavailable, stage::token,
                   program + " cannot be watched; it was killed");
}

/// Null if the system has no room for the descriptors; the child is killed then.
std::unique_ptr<running_child> watch(asio::any_io_executor const& executor, child started)
{
    try
    {
        return std::make_unique<running_child>(executor, std::move(started));
    }
    catch (boost::system::system_error const&)
    {
        return nullptr;
    }
}

asio::awaitable<result<child_output>> run(command what)
{
    auto const executor = co_await asio::this_coro::executor;
    auto started = child::start(what);
    if (!started)
        co_return started.error();
    auto const process = watch(executor, std::move(*started));
    if (!process)
        co_return not_watched(what.program);
    auto group = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, process->out.read(), asio::deferred),
        asio::co_spawn(executor, process->err.read(), asio::deferred),
        asio::co_spawn(executor, process->wait(), asio::deferred));
    auto race = group.async_wait(until_one_is_final(), asio::deferred);
    auto const [order, a, of_out, b, of_err, c, ended] = co_await std::move(race);
    auto const state = co_await asio::this_coro::cancellation_state;
    if (async::was_cancelled(state))
        async::throw_cancelled();
    for (auto const& thrown : {a, b, c})
    {
        if (thrown)
            std::rethrow_exception(thrown);
    }
    child_output got;
    if (ended)
        got = process->collect();
    if (process->out.overflowed() || process->err.overflowed())
        co_return too_much(what.program);
    if (!ended)
        co_return not_watched(what.program);
    co_return got;
}

} // namespace

asio::awaitable<result<child_output>> run_child(command what, deadline until, async::clock& time)
{
    failure late(errc::timed_out, stage::token, what.program + " took too long; it was killed");
    late.retryable(true);
    auto op = run(std::move(what));
    auto got = co_await async::with_deadline(std::move(op), until, std::move(late), time);
    co_return got;
}

} // namespace kusto::host
