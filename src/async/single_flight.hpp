#pragma once

#include <async/event.hpp>
#include <async/spawn.hpp>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <kusto/error.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace kusto::async
{

/// One operation at a time, any number of waiters who share its result.
///
/// Lives on one strand: everything below is called, or resumed, there. From elsewhere:
/// `call_on(strand, flight.run(op), ...)`. A waiter's cancellation or deadline ends its wait and
/// never the operation. The object may be destroyed while an operation is under way; the operation
/// then goes on to its own end unless `stop` or `stop_soon` ends it.
///
/// T must be copyable.
template <class T>
class single_flight
{
public:
    using operation = std::function<boost::asio::awaitable<result<T>>()>;

    /// \param where  stage of the failure that waiters get when the flight is stopped
    single_flight(boost::asio::any_io_executor strand, stage where)
        : shared_(std::make_shared<shared>(std::move(strand), where))
    {
    }

    single_flight(single_flight const&) = delete;
    single_flight& operator=(single_flight const&) = delete;
    ~single_flight() = default;

    /// Joins the operation under way, or starts `op`, and completes with its result. Nothing
    /// happens before the result is awaited; the awaitable may outlive this object.
    /// An exception of the operation reaches every waiter.
    /// Cancellation: terminal, of the wait.
    [[nodiscard]] boost::asio::awaitable<result<T>> run(operation op)
    {
        shared_->used.store(true);
        return run(shared_, std::move(op));
    }

    /// Starts `op` in the background unless one is under way.
    void start(operation op) { join(shared_, std::move(op)); }

    [[nodiscard]] bool running() const noexcept { return shared_->current != nullptr; }

    /// Cancels the operation under way; its waiters get `errc::closed`.
    void stop() { stop(*shared_); }

    /// Has `stop` done on the strand, if anything was ever run. From any thread, also just before
    /// this object is destroyed.
    void stop_soon() noexcept
    {
        if (!shared_->used.load())
            return;
        try
        {
            boost::asio::post(shared_->strand, [state = shared_] { stop(*state); });
        }
        catch (std::exception const&)
        {
            // Without memory for a message the operation ends by itself.
        }
    }

private:
    struct flight
    {
        explicit flight(boost::asio::any_io_executor const& strand) : done(strand) {}

        event done;
        std::optional<result<T>> outcome;
        std::exception_ptr thrown;
        boost::asio::cancellation_signal cancel;
    };

    struct shared
    {
        shared(boost::asio::any_io_executor strand_, stage where_)
            : strand(std::move(strand_)),
              where(where_)
        {
        }

        boost::asio::any_io_executor strand;
        stage where;
        std::shared_ptr<flight> current;
        std::atomic<bool> used = false; ///< `run` was called
    };

    static void stop(shared& state)
    {
        if (auto const flight = state.current)
            flight->cancel.emit(boost::asio::cancellation_type::terminal);
    }

    static std::shared_ptr<flight> join(std::shared_ptr<shared> const& state, operation op)
    {
        if (state->current)
            return state->current;
        auto const started = std::make_shared<flight>(state->strand);
        state->current = started;
        boost::asio::co_spawn(
            state->strand, drive(state, started, std::move(op)),
            boost::asio::bind_cancellation_slot(started->cancel.slot(), rethrow(started)));
        return started;
    }

    static boost::asio::awaitable<result<T>> run(std::shared_ptr<shared> state, operation op)
    {
        auto const joined = join(state, std::move(op));
        co_await joined->done.wait();
        if (joined->thrown)
            std::rethrow_exception(joined->thrown);
        co_return *joined->outcome;
    }

    static boost::asio::awaitable<void> drive(std::shared_ptr<shared> state,
                                              std::shared_ptr<flight> self, operation op)
    {
        try
        {
            auto pending = op();
            auto outcome = co_await std::move(pending);
            self->outcome.emplace(std::move(outcome));
        }
        catch (boost::system::system_error const& e)
        {
            if (e.code() == boost::asio::error::operation_aborted)
                self->outcome.emplace(failure(errc::closed, state->where, "stopped while waiting"));
            else
                self->thrown = std::current_exception();
        }
        catch (...)
        {
            self->thrown = std::current_exception();
        }
        // First this, so that a waiter who is woken can start the next one.
        state->current.reset();
        self->done.set();
    }

    std::shared_ptr<shared> shared_;
};

} // namespace kusto::async
