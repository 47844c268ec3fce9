#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <support/manual_clock.hpp>
#include <utility>

namespace kusto::test
{

/// Runs everything that is ready.
inline void settle(boost::asio::io_context& context)
{
    context.restart();
    while (context.poll() != 0)
        context.restart();
}

/// Cancels from inside the context, as a program would: Asio hands a cancellation that comes from
/// elsewhere on by `dispatch`, and the operation may be gone by then.
inline void cancel(boost::asio::io_context& context, boost::asio::cancellation_signal& signal)
{
    boost::asio::post(context, [&] { signal.emit(boost::asio::cancellation_type::terminal); });
    settle(context);
}

/// A coroutine that a test started and looks at later.
template <class T>
class started
{
public:
    started(boost::asio::any_io_executor executor, boost::asio::awaitable<T> op)
        : state_(std::make_shared<state>())
    {
        boost::asio::co_spawn(executor, std::move(op),
                              [state = state_](std::exception_ptr e, T value)
                              {
                                  state->thrown = e;
                                  if (!e)
                                      state->value.emplace(std::move(value));
                                  state->done = true;
                              });
    }

    [[nodiscard]] bool done() const noexcept { return state_->done; }

    /// The result; throws what the coroutine threw, and `std::logic_error` if it is not done.
    T get()
    {
        if (!state_->done)
            throw std::logic_error("the coroutine has not completed");
        if (state_->thrown)
            std::rethrow_exception(state_->thrown);
        return std::move(*state_->value);
    }

private:
    struct state
    {
        bool done = false;
        std::exception_ptr thrown;
        std::optional<T> value;
    };

    std::shared_ptr<state> state_;
};

namespace detail
{

template <class T>
boost::asio::awaitable<std::optional<T>> as_optional(boost::asio::awaitable<T> op)
{
    auto value = co_await std::move(op);
    std::optional<T> out(std::move(value));
    co_return out;
}

} // namespace detail

/// Starts a coroutine on `executor`; look at it after `settle`.
template <class T>
started<std::optional<T>> start(boost::asio::any_io_executor executor, boost::asio::awaitable<T> op)
{
    return started<std::optional<T>>(executor, detail::as_optional(std::move(op)));
}

/// Runs a coroutine to its end: polls, and jumps to the next wait of `time` when nothing is ready.
/// Throws `std::logic_error` when it hangs: nothing is ready and nobody waits for a time.
template <class T>
T run(boost::asio::io_context& context, manual_clock& time, boost::asio::awaitable<T> op)
{
    auto running = start(context.get_executor(), std::move(op));
    settle(context);
    while (!running.done())
    {
        if (!time.advance_to_next())
            throw std::logic_error("the coroutine hangs");
        settle(context);
    }
    return std::move(*running.get());
}

} // namespace kusto::test
