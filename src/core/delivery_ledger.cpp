#include <core/delivery_ledger.hpp>

#include <utility>

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

delivery_counts resolved_counts(delivery_report const& report) noexcept
{
    return report.delivered + report.failed + report.dead_lettered + report.unknown;
}

namespace
{

delivery_counts& total_of(delivery_report& report, batch_outcome outcome) noexcept
{
    switch (outcome)
    {
    case batch_outcome::delivered:
        return report.delivered;
    case batch_outcome::failed:
        return report.failed;
    case batch_outcome::dead_lettered:
        return report.dead_lettered;
    case batch_outcome::unknown:
        break;
    }
    return report.unknown;
}

} // namespace

bool delivery_ledger::progress::add(std::uint64_t number)
{
    if (number <= up_to_ || !beyond_.insert(number).second)
        return false;
    while (beyond_.erase(up_to_ + 1) != 0)
        ++up_to_;
    return true;
}

bool delivery_ledger::begin_post(batch_key batch, delivery_counts counts)
{
    if (closed_out_)
        return false;
    auto& entry = posts_[batch];
    // Posted again after the service had failed to ingest it: not in its hands any more.
    if (std::exchange(entry.queued, false))
        totals_.queued = totals_.queued - entry.counts;
    entry.counts = counts;
    return true;
}

void delivery_ledger::retract_post(batch_key batch)
{
    if (!closed_out_)
        posts_.erase(batch);
}

void delivery_ledger::queued(batch_key batch)
{
    auto const found = posts_.find(batch);
    if (closed_out_ || found == posts_.end() || std::exchange(found->second.queued, true))
        return;
    totals_.queued = totals_.queued + found->second.counts;
    writers_[batch.writer].handed_over.add(batch.number);
}

bool delivery_ledger::resolve(batch_key batch, delivery_counts counts, batch_end const& end)
{
    auto& book = writers_[batch.writer];
    if (closed_out_ || !book.done.add(batch.number))
        return false;
    book.handed_over.add(batch.number);
    auto const found = posts_.find(batch);
    if (found != posts_.end())
    {
        if (found->second.queued)
            totals_.queued = totals_.queued - counts;
        posts_.erase(found);
    }
    if (end.possibly_twice)
        totals_.possibly_twice = totals_.possibly_twice + counts;
    auto& total = total_of(totals_, end.outcome);
    total = total + counts;
    if (end.outcome != batch_outcome::delivered && end.why)
        note_failure(batch, end);
    return true;
}

void delivery_ledger::note_failure(batch_key batch, batch_end const& end)
{
    if (!totals_.first_failure)
        totals_.first_failure = end.why;
    if (end.taken_over)
        return;
    auto const order = ++failures_;
    auto& kept = writers_[batch.writer].failures;
    // An earlier failure of an earlier batch answers every question that this one would.
    if (kept.empty() || batch.number < kept.back().number)
        kept.emplace_back(batch.number, order, *end.why);
}

bool delivery_ledger::covers(std::span<std::uint64_t const> until, batch_level level) const noexcept
{
    if (closed_out_)
        return true;
    for (std::size_t i = 0; i < until.size(); ++i)
    {
        auto const& book = writers_[i];
        auto const& reached = level == batch_level::queued ? book.handed_over : book.done;
        if (reached.up_to() < until[i])
            return false;
    }
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
        if (given_up_ && writers_[i].done.up_to() < until[i])
            return given_up_;
    return std::nullopt;
}

void delivery_ledger::close_out(delivery_counts accepted, failure const& why)
{
    if (closed_out_)
        return;
    closed_out_ = true;
    auto const open = accepted - resolved_counts(totals_);
    delivery_counts posted;
    for (auto const& [batch, entry] : posts_)
        posted = posted + entry.counts;
    totals_.unknown = totals_.unknown + posted;
    totals_.failed = totals_.failed + (open - posted);
    totals_.queued = delivery_counts();
    given_up_ = why;
    if (open.records != 0 && !totals_.first_failure)
        totals_.first_failure = why;
}

delivery_report delivery_ledger::resolved() const
{
    return totals_;
}

} // namespace kusto::core
