#include <core/delivery_ledger.hpp>

#include <algorithm>

namespace kusto::core
{

delivery_counts operator+(delivery_counts a, delivery_counts const& b) noexcept
{
    a.records += b.records;
    a.bytes += b.bytes;
    a.blobs += b.blobs;
    return a;
}

delivery_counts operator-(delivery_counts a, delivery_counts const& b) noexcept
{
    a.records -= b.records;
    a.bytes -= b.bytes;
    a.blobs -= b.blobs;
    return a;
}

bool delivery_ledger::begin_post(batch_key batch, delivery_counts counts)
{
    if (closed_out_)
        return false;
    posting_.insert_or_assign(batch, counts);
    return true;
}

bool delivery_ledger::resolve(batch_key batch, delivery_counts counts, batch_outcome outcome,
                              std::optional<failure> why)
{
    auto& book = writers_[batch.writer];
    if (closed_out_ || batch.number <= book.done_up_to ||
        !book.done_beyond.insert(batch.number).second)
        return false;
    while (book.done_beyond.erase(book.done_up_to + 1) != 0)
        ++book.done_up_to;
    posting_.erase(batch);
    auto& total = outcome == batch_outcome::delivered ? totals_.delivered
                  : outcome == batch_outcome::failed  ? totals_.failed
                                                      : totals_.unknown;
    total = total + counts;
    if (outcome != batch_outcome::delivered && why)
        note_failure(batch, *why);
    return true;
}

void delivery_ledger::note_failure(batch_key batch, failure const& why)
{
    auto const order = ++failures_;
    if (!totals_.first_failure)
        totals_.first_failure = why;
    auto& kept = writers_[batch.writer].failures;
    // An earlier failure of an earlier batch answers every question that this one would.
    if (kept.empty() || batch.number < kept.back().number)
        kept.emplace_back(batch.number, order, why);
}

bool delivery_ledger::covers(std::span<std::uint64_t const> until) const noexcept
{
    if (closed_out_)
        return true;
    for (std::size_t i = 0; i < until.size(); ++i)
        if (writers_[i].done_up_to < until[i])
            return false;
    return true;
}

std::optional<failure> delivery_ledger::failure_within(std::span<std::uint64_t const> until) const
{
    first_failure const* first = nullptr;
    for (std::size_t i = 0; i < until.size(); ++i)
        for (auto const& one : writers_[i].failures)
            if (one.number <= until[i] && (first == nullptr || one.order < first->order))
                first = &one;
    if (first != nullptr)
        return first->why;
    // What was given up is not delivered, although nothing more will become of it.
    for (std::size_t i = 0; i < until.size(); ++i)
        if (given_up_ && writers_[i].done_up_to < until[i])
            return given_up_;
    return std::nullopt;
}

void delivery_ledger::close_out(delivery_counts accepted, failure const& why)
{
    if (closed_out_)
        return;
    closed_out_ = true;
    delivery_counts posting;
    for (auto const& [batch, counts] : posting_)
        posting = posting + counts;
    auto const open = accepted - totals_.delivered - totals_.failed - totals_.unknown;
    totals_.unknown = totals_.unknown + posting;
    totals_.failed = totals_.failed + (open - posting);
    given_up_ = why;
    if (open.records != 0 && !totals_.first_failure)
        totals_.first_failure = why;
}

delivery_report delivery_ledger::resolved() const
{
    return totals_;
}

} // namespace kusto::core
