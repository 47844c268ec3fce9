#pragma once

#include <async/one_shot.hpp>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <kusto/error.hpp>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

namespace kusto::async
{

/// A number of bytes (or of anything else) that may be in use at a time.
///
/// Taking without waiting is one compare-and-swap. Who must wait is served in the order of arrival,
/// however much the others want, and nobody overtakes who waits. A grant is handed to the waiter;
/// one that is cancelled or destroyed passes it on.
///
/// Thread-safe.
class byte_budget : public std::enable_shared_from_this<byte_budget>
{
public:
    /// A share of the budget; given back on destruction. Not thread-safe; movable between threads.
    class lease
    {
    public:
        lease() = default;
        lease(lease&& other) noexcept
            : owner_(std::move(other.owner_)),
              amount_(std::exchange(other.amount_, 0))
        {
        }
        lease& operator=(lease&& other) noexcept;
        ~lease() { release(); }

        [[nodiscard]] std::uint64_t amount() const noexcept { return amount_; }
        /// Adds `other`, of the same budget, to this one.
        void merge(lease other) noexcept;
        /// Splits off `amount`. \pre `amount <= this->amount()`
        [[nodiscard]] lease split(std::uint64_t amount);
        /// Gives back everything beyond `amount`, or takes what is missing, *even if that exceeds
        /// the limit*: for what exists already and cannot wait.
        void resize(std::uint64_t amount) noexcept;
        void release() noexcept;

    private:
        friend class byte_budget;
        lease(std::shared_ptr<byte_budget> owner, std::uint64_t amount) noexcept
            : owner_(std::move(owner)),
              amount_(amount)
        {
        }

        std::shared_ptr<byte_budget> owner_;
        std::uint64_t amount_ = 0;
    };

    /// A place in the queue, taken on construction and given up on destruction. It lives in the
    /// frame of the coroutine that waits.
    class turn
    {
    public:
        turn(byte_budget& budget, std::uint64_t amount, boost::asio::any_io_executor executor);
        turn(turn const&) = delete;
        turn& operator=(turn const&) = delete;
        ~turn();

        /// Completes when granted, or with the failure given to `close`.
        /// Cancellation: terminal; throws; the place is given up on destruction.
        [[nodiscard]] boost::asio::awaitable<result<lease>> wait();

    private:
        friend class byte_budget;
        enum class state
        {
            waiting,
            granted,
            refused,
            done,
        };

        byte_budget& budget_;
        std::uint64_t amount_;
        state state_ = state::waiting;
        std::list<turn*>::iterator place_;
        one_shot event_;
    };

    explicit byte_budget(std::uint64_t limit) : limit_(limit) {}
    byte_budget(byte_budget const&) = delete;
    byte_budget& operator=(byte_budget const&) = delete;

    /// Nothing if there is not enough left, or if somebody waits.
    [[nodiscard]] std::optional<lease> try_acquire(std::uint64_t amount);
    /// Waits for its turn. More than the limit is never granted: `errc::record_too_large`.
    /// Errors and cancellation as `turn::wait`.
    [[nodiscard]] boost::asio::awaitable<result<lease>> acquire(std::uint64_t amount);

    /// Refuses everybody who waits, and who would.
    void close(failure why);

    [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }
    [[nodiscard]] std::uint64_t used() const noexcept { return used_.load(); }
    /// Most that was ever in use.
    [[nodiscard]] std::uint64_t peak() const noexcept { return peak_.load(); }
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.load(); }

private:
    [[nodiscard]] bool take(std::uint64_t amount) noexcept;
    void give_back(std::uint64_t amount) noexcept;
    void overdraw(std::uint64_t amount) noexcept;
    void note_peak(std::uint64_t used) noexcept;
    void grant_locked() noexcept;

    std::uint64_t const limit_;
    std::atomic<std::uint64_t> used_ = 0;
    std::atomic<std::uint64_t> peak_ = 0;
    /// Length of `queue_`, readable without the mutex.
    std::atomic<std::size_t> waiting_ = 0;
    std::mutex mutex_;
    std::list<turn*> queue_;
    std::optional<failure> closed_;
};

} // namespace kusto::async
