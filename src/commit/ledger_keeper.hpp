#pragma once

#include <async/offload.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <core/checkpoint.hpp>
#include <kusto/error.hpp>
#include <ledger/checkpoint_ledger.hpp>
#include <memory>
#include <utility>

namespace kusto::commit
{

/// The ledger for coroutines: its transactions run one after the other on a thread that may block.
///
/// Cancellation: terminal, ends the wait; the transaction takes place.
class ledger_keeper
{
public:
    /// \param thread  runs one job at a time
    ledger_keeper(std::shared_ptr<ledger::checkpoint_ledger> book,
                  boost::asio::any_io_executor thread, std::shared_ptr<async::wake_permit> permit)
        : book_(std::move(book)),
          thread_(std::move(thread)),
          permit_(std::move(permit))
    {
    }

    [[nodiscard]] boost::asio::awaitable<result<void>> seal(core::sealed_checkpoint what) const
    {
        auto work = [book = book_, what = std::move(what)] { return book->seal(what); };
        return async::offload(thread_, permit_, std::move(work));
    }
    [[nodiscard]] boost::asio::awaitable<result<int>> begin_attempt(checkpoint_id id) const
    {
        auto work = [book = book_, id] { return book->begin_attempt(id); };
        return async::offload(thread_, permit_, std::move(work));
    }
    [[nodiscard]] boost::asio::awaitable<result<void>> set_state(checkpoint_id id,
                                                                 checkpoint_state state) const
    {
        auto work = [book = book_, id, state] { return book->set_state(id, state); };
        return async::offload(thread_, permit_, std::move(work));
    }
    [[nodiscard]] boost::asio::awaitable<result<void>> forget(std::vector<checkpoint_id> ids) const
    {
        auto work = [book = book_, ids = std::move(ids)] { return book->forget(ids); };
        return async::offload(thread_, permit_, std::move(work));
    }
    [[nodiscard]] boost::asio::awaitable<result<void>>
    restart_after(core::committed_record last) const
    {
        auto work = [book = book_, last = std::move(last)] { return book->restart_after(last); };
        return async::offload(thread_, permit_, std::move(work));
    }

private:
    std::shared_ptr<ledger::checkpoint_ledger> book_;
    boost::asio::any_io_executor thread_;
    std::shared_ptr<async::wake_permit> permit_;
};

} // namespace kusto::commit
