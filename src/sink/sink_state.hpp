#pragma once

#include <async/byte_budget.hpp>
#include <async/clock.hpp>
#include <async/offload.hpp>
#include <async/one_shot.hpp>
#include <async/task_group.hpp>
#include <atomic>
#include <base/latency_recorder.hpp>
#include <base/logger.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <core/batch_accumulator.hpp>
#include <core/delivery_ledger.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <kusto/sink.hpp>
#include <kusto/statistics.hpp>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <service/ingest_channel.hpp>
#include <service/service_context.hpp>
#include <sink/batch_store.hpp>
#include <sink/chunk_pool.hpp>
#include <sink/codec_choice.hpp>
#include <sink/compression.hpp>
#include <sink/writer.hpp>
#include <span>
#include <string_view>
#include <vector>

namespace kusto::sink
{

/// What a sink needs besides options and a channel.
class environment
{
public:
    environment() = default;
    environment(base::logger log, async::clock& time) : log(std::move(log)), time(time) {}

    base::logger log;
    async::clock& time = async::system_clock(); ///< outlives the sink and what it started
    /// Takes the sealed batches instead of the service, if there is one.
    std::shared_ptr<batch_store> store;
};

/// One recorder for each member of `stage_latencies`.
class stage_recorders
{
public:
    [[nodiscard]] stage_latencies snapshot() const noexcept;

    base::latency_recorder encode, linger, compress, upload, post, ingest, end_to_end;
};

} // namespace kusto::sink

namespace kusto::detail
{

/// Everything behind `batching_sink`. Shared by the handles and by every coroutine that works for
/// the sink; `abandon` makes the latter end.
///
/// Locks: a writer's gate and `mutex_` are never held together.
class sink_state : public std::enable_shared_from_this<sink_state>
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    using position = core::delivery_ledger::position;

    sink_state(boost::asio::any_io_executor executor,
               std::shared_ptr<service::ingest_channel> channel, write_options options,
               sink::environment around);
    sink_state(sink_state const&) = delete;
    sink_state& operator=(sink_state const&) = delete;

    // Producers.

    /// Throws what a write of such a record throws in any case.
    void check(std::size_t size, data_format format) const;
    /// Whether `check` passes.
    [[nodiscard]] bool takes(std::size_t size, data_format format) const noexcept
    {
        return size <= max_record_ && (!mapped_ || format == options_.mapping_format());
    }
    /// Adds records, in order. \returns how many; fewer than there are when the budget has no chunk
    /// left: `with.wanted` then says how large a chunk must be brought along for the next one.
    /// \throws error when the sink is closed or stopped, std::bad_alloc; only if none was added
    [[nodiscard]] std::size_t submit(std::size_t writer, std::span<encoded_record const> records,
                                     sink::spare& with);
    [[nodiscard]] bool submit(std::size_t writer, encoded_record const& record, sink::spare& with)
    {
        return submit(writer, std::span(&record, 1), with) == 1;
    }
    /// Seals the open batches if writes wait for what only open batches hold.
    void relieve_pressure();
    void note_waited() noexcept { waited_.fetch_add(1, std::memory_order_relaxed); }
    [[nodiscard]] bool accepting() const noexcept
    {
        return mode_.load(std::memory_order_acquire) == mode::open;
    }
    /// Why records are refused. \pre `!accepting()`
    [[nodiscard]] failure refusal() const;
    /// Refuses records, with `why`, until `go_on`. Nothing happens to what was accepted.
    void hold(failure why);
    void go_on();

    // Flush, close and statistics.

    /// \returns up to where the batches are sealed now
    [[nodiscard]] position seal_all(core::seal_reason why);
    /// Seals if nothing was accepted since `accepted`. \returns as `seal_all`, or nothing
    [[nodiscard]] std::optional<position> seal_all_if(delivery_counts const& accepted,
                                                      core::seal_reason why);
    /// Everything that was accepted.
    [[nodiscard]] delivery_counts accepted() const;
    /// \returns the last batch, open or not, of one writer
    [[nodiscard]] position all_of(std::size_t writer);
    /// Completes with true when all batches up to `until_batch` have come to `level`, else false at
    /// `until`.
    [[nodiscard]] boost::asio::awaitable<bool>
    wait_for_batches(position until_batch, core::batch_level level, time_point until);
    [[nodiscard]] std::optional<failure> failure_within(position const& until_batch) const;
    /// Why batches wait now.
    [[nodiscard]] std::optional<failure> trouble() const;
    [[nodiscard]] delivery_report report() const;
    [[nodiscard]] sink_statistics statistics() const;

    /// Refuses records, seals, and starts draining, at the latest until `until`. Repeatable: the
    /// earliest time counts.
    void begin_close(time_point until);
    /// Completes with true when closed, else false at `until`.
    [[nodiscard]] boost::asio::awaitable<bool> wait_closed(time_point until);
    /// Counts what is not resolved as failed or unknown; the report is final.
    void close_out();
    /// Refuses records and gives up what is not delivered. Does not wait.
    void abandon() noexcept;
    /// The context may go from now on: the compression threads leave it alone. Does not wait.
    void detach() noexcept;

    // The writers.

    [[nodiscard]] write_options const& options() const noexcept { return options_; }
    [[nodiscard]] std::shared_ptr<async::byte_budget> const& budget() const noexcept
    {
        return budget_;
    }
    [[nodiscard]] std::shared_ptr<sink::chunk_pool> const& chunks() const noexcept
    {
        return chunks_;
    }
    [[nodiscard]] sink::compression_pool& compression() noexcept { return compression_; }
    [[nodiscard]] sink::codec_choice& codecs() noexcept { return codecs_; }
    [[nodiscard]] std::shared_ptr<async::wake_permit> const& permit() const noexcept
    {
        return permit_;
    }
    [[nodiscard]] service::ingest_channel& channel() noexcept { return *channel_; }
    [[nodiscard]] sink::batch_store* store() noexcept { return around_.store.get(); }
    [[nodiscard]] base::logger const& log() const noexcept { return around_.log; }
    [[nodiscard]] async::clock& time() const noexcept { return around_.time; }
    [[nodiscard]] double random() { return random_.next(); }
    [[nodiscard]] sink::stage_recorders& latency() noexcept { return latency_; }
    [[nodiscard]] async::task_group& tasks() noexcept { return tasks_; }
    [[nodiscard]] std::size_t writers() const noexcept { return writers_.size(); }
    [[nodiscard]] std::size_t chunk_size() const noexcept { return chunk_size_; }
    [[nodiscard]] std::uint64_t chunk_cost(std::size_t capacity) const noexcept
    {
        return sink::chunk_cost(options_.compression(), capacity);
    }
    [[nodiscard]] std::size_t block_size() const noexcept { return block_size_; }
    [[nodiscard]] core::batch_limits limits() const;
    [[nodiscard]] bool detached() const noexcept { return detached_.load(); }
    [[nodiscard]] bool abandoned() const noexcept
    {
        return abandoned_.load(std::memory_order_acquire);
    }

    void note_sealed() noexcept { outstanding_.fetch_add(1); }
    void note_attempts(int attempts) noexcept;
    void note_repeated_posts(int posts) noexcept;
    /// A batch waits because of `why`; `first`: it did not before.
    void note_trouble(failure const& why, bool first);
    /// A batch for which `note_trouble` was called does not wait any more.
    void note_trouble_over();
    [[nodiscard]] bool begin_post(core::batch_key batch, delivery_counts counts);
    void retract_post(core::batch_key batch);
    void queued(core::batch_key batch);
    /// Books the end of a batch.
    void resolve(core::batch_key batch, delivery_counts counts, core::batch_end const& end);
    /// After `resolve`, when the batch's memory is free.
    void after_resolve();

private:
    enum class mode
    {
        open,
        held,
        stopped,
        closed,
    };

    class waiter;
    class close_waiter;

    void submit_from(std::size_t writer, std::span<encoded_record const> records,
                     std::size_t& done, sink::spare& with);
    [[nodiscard]] sink::append_status append_any(std::span<encoded_record const> records,
                                                 std::size_t& done, sink::spare& with);
    /// Gets what `with` says is wanted. \returns false when the budget has no chunk left
    [[nodiscard]] bool bring_along(encoded_record const& record, sink::spare& with);
    void wake_waiters();
    void stop(failure const& why);
    void announce_closed();
    /// Frees the memory that is kept for batches to come.
    void keep_nothing_idle() noexcept;
    [[nodiscard]] time_point drain_until() const;
    [[nodiscard]] boost::asio::awaitable<void> drain(std::shared_ptr<sink_state> self);

    write_options const options_;
    boost::asio::any_io_executor const executor_;
    std::shared_ptr<service::ingest_channel> const channel_;
    sink::environment const around_;
    std::uint64_t const max_record_;
    bool const mapped_; ///< a mapping is named, which is for one format
    std::size_t const chunk_size_;
    std::size_t const block_size_;
    std::shared_ptr<async::byte_budget> const budget_;
    std::shared_ptr<sink::chunk_pool> const chunks_;
    std::shared_ptr<async::wake_permit> const permit_ = std::make_shared<async::wake_permit>();

    std::atomic<mode> mode_ = mode::open;
    std::atomic<bool> abandoned_ = false;
    std::atomic<bool> detached_ = false;
    /// Batches sealed and not resolved.
    std::atomic<std::uint64_t> outstanding_ = 0;
    std::atomic<std::uint64_t> waited_ = 0;
    std::atomic<std::uint64_t> retries_ = 0;
    std::atomic<std::uint64_t> repeated_posts_ = 0;
    sink::stage_recorders latency_;
    service::jitter random_;
    sink::codec_choice codecs_;

    mutable std::mutex mutex_;
    core::delivery_ledger ledger_;
    std::uint64_t compressed_ = 0;
    std::optional<failure> stopped_by_;
    std::optional<failure> held_by_;
    std::optional<failure> trouble_; ///< the latest, while a batch waits
    std::uint64_t troubled_ = 0;     ///< batches that wait
    std::list<waiter*> waiting_;
    std::list<async::one_shot*> closing_;
    std::optional<time_point> drain_until_;
    bool closed_ = false;

    mutable std::deque<sink::writer> writers_;
    async::task_group tasks_;
    // Last: its destructor joins the threads before anything else goes.
    sink::compression_pool compression_;
};

/// Throw what `flush`, `acknowledged` and `close` throw.
[[nodiscard]] boost::asio::awaitable<delivery_report>
flush(std::shared_ptr<sink_state> state, acknowledgement level, deadline until);
[[nodiscard]] boost::asio::awaitable<delivery_report> acknowledged(std::shared_ptr<sink_state> state,
                                                                   std::size_t writer,
                                                                   acknowledgement level,
                                                                   deadline until);
[[nodiscard]] boost::asio::awaitable<delivery_report> close(std::shared_ptr<sink_state> state,
                                                            deadline until);

} // namespace kusto::detail

namespace kusto::sink
{

/// \throws options_error
[[nodiscard]] std::shared_ptr<detail::sink_state>
make_sink_state(boost::asio::any_io_executor executor,
                std::shared_ptr<service::ingest_channel> channel, write_options options,
                environment around = environment());

} // namespace kusto::sink
