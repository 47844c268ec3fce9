#pragma once

#include <async/byte_budget.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <core/batch_accumulator.hpp>
#include <core/delivery_ledger.hpp>
#include <cstddef>
#include <cstdint>
#include <kusto/error.hpp>
#include <kusto/deadline.hpp>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <service/ingest_channel.hpp>
#include <sink/batch.hpp>
#include <sink/gate.hpp>
#include <span>
#include <vector>

namespace kusto::detail
{
class encoded_record;
class sink_state;
} // namespace kusto::detail

namespace kusto::sink
{

enum class append_status
{
    accepted,
    busy,       ///< somebody else is in the gate
    need_chunk, ///< `spare.wanted` says how large
    refused,    ///< the sink is closed or stopped
};

/// One writer: an open batch behind a gate, which producers on any thread fill, and a strand, which
/// takes batches from there through compression, upload and queue message.
///
/// The sink's state owns the writers; what runs on a strand holds that state.
class alignas(64) writer
{
public:
    using state_ptr = std::shared_ptr<detail::sink_state>;

    writer(detail::sink_state& owner, std::size_t index, boost::asio::any_io_executor executor);
    writer(writer const&) = delete;
    writer& operator=(writer const&) = delete;

    // From any thread.

    /// Adds `records` from `done` on, and counts them there. Never waits.
    append_status try_append(std::span<detail::encoded_record const> records, std::size_t& done,
                             spare& with);

    /// Seals the open batch, if there is one. \returns the number of the last sealed batch
    std::uint64_t seal(core::seal_reason why);
    // Several writers at once: enter all, look and seal, leave all, wake all.
    [[nodiscard]] std::unique_lock<gate> enter() { return std::unique_lock<gate>(gate_); }
    [[nodiscard]] delivery_counts accepted_locked() const noexcept { return accepted_; }
    std::uint64_t seal_entered(core::seal_reason why);
    void wake_if_needed();
    /// Everything that was accepted, the open batch included.
    [[nodiscard]] delivery_counts accepted();
    void add_seal_counts(core::seal_counts& to);
    /// The number of the last batch, open or not.
    [[nodiscard]] std::uint64_t last_number();
    /// When the oldest batch that is not resolved was opened; the far future if there is none.
    [[nodiscard]] std::chrono::steady_clock::time_point oldest();
    /// Makes the strand give up all batches.
    void give_up();

private:
    // Under the gate.
    append_status append_locked(detail::encoded_record const& record, spare& with);
    [[nodiscard]] bool make_room(std::size_t size, data_format format, spare& with);
    void seal_locked(core::seal_reason why);
    void hand_to_compression();
    [[nodiscard]] bool take_wake_up() noexcept;

    void wake_strand();
    /// Seals `which` if it is the open batch.
    void seal_if_open(batch const& which, core::seal_reason why);

    // On the strand (strand.cpp).
    void on_wake_up(state_ptr const& state);
    void arm_interval(state_ptr const& state, std::shared_ptr<batch> const& open);
    void arm_expiry(state_ptr const& state, std::shared_ptr<batch> const& one);
    void start(state_ptr const& state, std::shared_ptr<batch> const& one);
    void give_up_all();
    [[nodiscard]] bool take_pieces(batch& from, std::vector<chunk>& pieces);
    boost::asio::awaitable<void> compress(state_ptr state, std::shared_ptr<batch> one);
    boost::asio::awaitable<void> compress_pieces(state_ptr state, std::shared_ptr<batch> one);

    // Delivery (delivery.cpp).
    using end_result = result<service::ingestion_end>;
    boost::asio::awaitable<void> deliver(state_ptr state, std::shared_ptr<batch> one);
    boost::asio::awaitable<end_result> pursue_guarded(state_ptr state, std::shared_ptr<batch> one);
    boost::asio::awaitable<end_result> pursue(state_ptr state, std::shared_ptr<batch> one);
    boost::asio::awaitable<end_result> try_delivery(state_ptr state, std::shared_ptr<batch> one);
    boost::asio::awaitable<end_result> keep(state_ptr state, std::shared_ptr<batch> one);
    boost::asio::awaitable<result<void>> upload(state_ptr state, std::shared_ptr<batch> one);
    /// Exchanges the slot for uploads for one for queue messages.
    boost::asio::awaitable<result<void>> take_post_slot(std::shared_ptr<batch> one);
    boost::asio::awaitable<result<service::posted_message>> notify(state_ptr state,
                                                                   std::shared_ptr<batch> one);
    boost::asio::awaitable<end_result> confirm(state_ptr state, std::shared_ptr<batch> one,
                                               service::posted_message message);
    void note_waiting(state_ptr const& state, batch& one, failure const& why) const;
    void note_going_on(state_ptr const& state, batch& one) const;
    [[nodiscard]] deadline delivery_end(batch const& one) const;
    [[nodiscard]] failure explain(failure why, batch const& one) const;
    [[nodiscard]] failure why_cancelled(batch const& one) const;

    // What becomes of a batch that was not delivered (undelivered.cpp).
    boost::asio::awaitable<core::batch_end> settle_guarded(state_ptr state, std::shared_ptr<batch> one,
                                                     failure why);
    boost::asio::awaitable<core::batch_end> settle(state_ptr state, std::shared_ptr<batch> one,
                                             failure why);
    boost::asio::awaitable<core::batch_end> hand_over(state_ptr state, std::shared_ptr<batch> one,
                                                failure why);
    boost::asio::awaitable<core::batch_end> dead_letter(state_ptr state, std::shared_ptr<batch> one,
                                                  failure why);
    void finish(state_ptr const& state, std::shared_ptr<batch> const& one, core::batch_end end);

    detail::sink_state& owner_;
    std::size_t const index_;

    gate gate_;
    // Under the gate.
    core::batch_accumulator accumulator_;
    std::shared_ptr<batch> open_;
    std::vector<std::shared_ptr<batch>> fresh_; ///< batches that the strand has not seen
    std::vector<std::shared_ptr<batch>> fed_;   ///< batches with something new to compress
    std::uint64_t last_number_ = 0;
    delivery_counts accepted_;
    core::seal_counts seals_{};
    bool wake_ = false;  ///< something happened that the strand must see
    bool woken_ = false; ///< its handler is on the way
    /// When each batch that is not resolved was opened, by number.
    std::map<std::uint64_t, std::chrono::steady_clock::time_point> unresolved_;

    // On the strand.
    boost::asio::strand<boost::asio::any_io_executor> strand_;
    boost::asio::steady_timer interval_;
    std::uint64_t armed_for_ = 0;
    std::list<std::shared_ptr<batch>> live_; ///< not resolved
    // They count batches, not bytes.
    std::shared_ptr<async::byte_budget> uploads_;
    std::shared_ptr<async::byte_budget> posts_;
};

} // namespace kusto::sink
