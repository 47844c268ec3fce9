#pragma once

#include <cstddef>
#include <cstdint>
#include <kusto/error.hpp>
#include <kusto/statistics.hpp>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace kusto::core
{

/// What finally became of a batch.
enum class batch_outcome
{
    delivered,
    failed,
    unknown,
};

/// A batch: its writer and its number there. A writer numbers its batches from 1 without gaps.
class batch_key
{
public:
    batch_key(std::size_t writer, std::uint64_t number) : writer(writer), number(number) {}

    friend auto operator<=>(batch_key const&, batch_key const&) = default;

    std::size_t writer;
    std::uint64_t number;
};

/// Book of the batches that were resolved: which flush is complete, and what close reports.
///
/// Not thread-safe.
class delivery_ledger
{
public:
    /// For each writer the number of a batch: "up to here". 0 means none.
    using position = std::vector<std::uint64_t>;

    explicit delivery_ledger(std::size_t writers) : writers_(writers) {}

    /// The batch's queue message is about to be sent; until it is resolved its outcome is unknown.
    /// \returns false after `close_out`: the message must not be sent any more
    [[nodiscard]] bool begin_post(batch_key batch, delivery_counts counts);

    /// Ignored after `close_out`, and for a batch that is resolved already.
    /// \returns whether it was taken
    bool resolve(batch_key batch, delivery_counts counts, batch_outcome outcome,
                 std::optional<failure> why);

    /// Whether every batch up to `until` is resolved.
    [[nodiscard]] bool covers(std::span<std::uint64_t const> until) const noexcept;
    /// The failure that was recorded first among the batches up to `until`.
    [[nodiscard]] std::optional<failure> failure_within(std::span<std::uint64_t const> until) const;

    /// Ends the book: what is not resolved counts as failed, or as unknown if its message may have
    /// been sent. `accepted` is everything there ever was.
    void close_out(delivery_counts accepted, failure const& why);
    [[nodiscard]] bool closed_out() const noexcept { return closed_out_; }

    /// Everything resolved, with `accepted` and `pending` left zero.
    [[nodiscard]] delivery_report resolved() const;

private:
    class first_failure
    {
    public:
        first_failure(std::uint64_t number, std::uint64_t order, failure why)
            : number(number),
              order(order),
              why(std::move(why))
        {
        }

        std::uint64_t number;
        std::uint64_t order;
        failure why;
    };

    class writer_book
    {
    public:
        std::uint64_t done_up_to = 0;
        std::set<std::uint64_t> done_beyond;
        /// Failures that no later one makes redundant: both number and order decide.
        std::vector<first_failure> failures;
    };

    void note_failure(batch_key batch, failure const& why);

    std::vector<writer_book> writers_;
    std::map<batch_key, delivery_counts> posting_;
    delivery_report totals_;
    std::uint64_t failures_ = 0;
    bool closed_out_ = false;
    std::optional<failure> given_up_; ///< why, once closed out
};

[[nodiscard]] delivery_counts operator+(delivery_counts a, delivery_counts const& b) noexcept;
[[nodiscard]] delivery_counts operator-(delivery_counts a, delivery_counts const& b) noexcept;

} // namespace kusto::core
