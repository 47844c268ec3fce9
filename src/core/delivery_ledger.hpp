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
    dead_lettered,
    unknown,
};

/// How the delivery of one batch ended.
class batch_end
{
public:
    explicit batch_end(batch_outcome outcome) : outcome(outcome) {}
    batch_end(batch_outcome outcome, failure why) : outcome(outcome), why(std::move(why)) {}

    batch_outcome outcome;
    std::optional<failure> why;   ///< unless delivered
    std::uint64_t compressed = 0; ///< size of the blob, if delivered
    bool possibly_twice = false;  ///< delivered, perhaps by two messages
    bool taken_over = false;      ///< not delivered, and in the user's hands: no error of a flush
    bool stops = false;           ///< the sink is to stop because of it
};

/// How far a batch has come.
enum class batch_level
{
    queued,   ///< its message is in a queue, or it is resolved
    resolved, ///< nothing more becomes of it
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

/// Book of what became of batches: which flush is complete, and what close reports.
///
/// Not thread-safe.
class delivery_ledger
{
public:
    /// For each writer the number of a batch: "up to here". 0 means none.
    using position = std::vector<std::uint64_t>;

    explicit delivery_ledger(std::size_t writers) : writers_(writers) {}

    /// The batch's queue message is about to be sent; until `retract_post` or `resolve` its outcome
    /// is unknown.
    /// \returns false after `close_out`: the message must not be sent any more
    [[nodiscard]] bool begin_post(batch_key batch, delivery_counts counts);
    /// No message was sent after all.
    void retract_post(batch_key batch);
    /// The message was taken; what the service makes of it is not known yet.
    void queued(batch_key batch);

    /// Ignored after `close_out`, and for a batch that is resolved already.
    /// \returns whether it was taken
    bool resolve(batch_key batch, delivery_counts counts, batch_end const& end);

    /// Whether every batch up to `until` has come to `level`.
    [[nodiscard]] bool covers(std::span<std::uint64_t const> until,
                              batch_level level = batch_level::resolved) const noexcept;
    /// The failure that was recorded first among the batches up to `until`, except those that were
    /// taken over.
    [[nodiscard]] std::optional<failure> failure_within(std::span<std::uint64_t const> until) const;

    /// Ends the book: what is not resolved counts as failed, or as unknown if its message may have
    /// been sent. `accepted` is everything there ever was.
    void close_out(delivery_counts accepted, failure const& why);
    [[nodiscard]] bool closed_out() const noexcept { return closed_out_; }

    /// Everything resolved and queued, with `accepted` and `pending` left zero.
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

    /// Numbers that arrive out of order, without gaps in the end.
    class progress
    {
    public:
        /// \returns false if it was there already
        bool add(std::uint64_t number);
        [[nodiscard]] std::uint64_t up_to() const noexcept { return up_to_; }

    private:
        std::uint64_t up_to_ = 0;
        std::set<std::uint64_t> beyond_;
    };

    class writer_book
    {
    public:
        progress handed_over; ///< queued or resolved
        progress done;        ///< resolved
        /// Failures that no later one makes redundant: both number and order decide.
        std::vector<first_failure> failures;
    };

    /// A batch whose message may have been sent.
    class post
    {
    public:
        delivery_counts counts;
        bool queued = false;
    };

    void note_failure(batch_key batch, batch_end const& end);

    std::vector<writer_book> writers_;
    std::map<batch_key, post> posts_;
    delivery_report totals_; ///< `queued` as of now
    std::uint64_t failures_ = 0;
    bool closed_out_ = false;
    std::optional<failure> given_up_; ///< why, once closed out
};

/// Everything in `report` that nothing more becomes of.
[[nodiscard]] delivery_counts resolved_counts(delivery_report const& report) noexcept;
[[nodiscard]] delivery_counts operator+(delivery_counts a, delivery_counts const& b) noexcept;
[[nodiscard]] delivery_counts operator-(delivery_counts a, delivery_counts const& b) noexcept;

} // namespace kusto::core
