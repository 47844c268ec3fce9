#pragma once

#include <async/event.hpp>
#include <async/single_flight.hpp>
#include <async/task_group.hpp>
#include <base/guid.hpp>
#include <base/url.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <list>
#include <memory>
#include <service/ingest_channel.hpp>
#include <service/resource_manager.hpp>
#include <service/service_context.hpp>
#include <wire/storage.hpp>

namespace kusto::service
{

/// Reads the statuses of posted batches: one poller for a whole client, which runs while there is
/// something to read, at most four reads at a time and two of one host, at growing intervals for
/// each batch. No read waits for another one to end but for its place. Reads that fail are repeated
/// until the batch's time is up.
///
/// Owned by a `shared_ptr`; `stop` ends what runs in the background.
///
/// \par Thread safety
/// Shared objects: safe.
class status_tracker : public std::enable_shared_from_this<status_tracker>
{
public:
    status_tracker(std::shared_ptr<service_context const> context,
                   std::shared_ptr<resource_manager> resources);
    ~status_tracker();

    /// Waits for the final status of a batch. May be called from any strand and completes on it.
    ///
    /// Errors: those of `ingest_channel::confirm`; `errc::closed`, outcome unknown.
    /// \param table  with or without signature
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<ingestion_end>>
    wait(base::guid source_id, base::url table, deadline until);

    /// Ends the poller; waiting and later callers get `errc::closed`.
    void stop() noexcept;

private:
    class tracked;
    using tracked_ptr = std::shared_ptr<tracked>;
    class read_mark;
    using read_mark_ptr = std::shared_ptr<read_mark>;

    // All of these on the strand.
    [[nodiscard]] static boost::asio::awaitable<result<ingestion_end>>
    follow(std::shared_ptr<status_tracker> self, tracked_ptr one);
    [[nodiscard]] static boost::asio::awaitable<result<int>>
    poll(std::shared_ptr<status_tracker> self);
    [[nodiscard]] static boost::asio::awaitable<void> run_read(std::shared_ptr<status_tracker> self,
                                                               read_mark_ptr mark);
    [[nodiscard]] boost::asio::awaitable<void> read(read_mark& mark);
    [[nodiscard]] boost::asio::awaitable<void>
    read_failed(tracked& one, wire::storage_failure failed, snapshot_ptr snapshot);
    [[nodiscard]] boost::asio::awaitable<void> pause();
    [[nodiscard]] boost::asio::awaitable<result<int>> woken();
    [[nodiscard]] bool may_read(tracked const& one) const;
    [[nodiscard]] deadline limit_for(tracked const& one) const;
    void start_due();
    void drop_forgotten();
    void judge(tracked& one, async::http_response const& response);
    void finish(tracked& one, result<ingestion_end> outcome);
    void finish_all();
    void later(tracked& one);

    std::shared_ptr<service_context const> context_;
    std::shared_ptr<resource_manager> resources_;
    boost::asio::any_io_executor strand_;
    async::single_flight<int> poller_;
    async::event wake_;
    async::task_group tasks_;
    std::list<tracked_ptr> tracked_;
    std::list<read_mark_ptr> reads_; // under way
    bool stopped_ = false;
};

} // namespace kusto::service
