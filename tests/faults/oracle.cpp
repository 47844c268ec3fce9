#include "oracle.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

namespace kusto::faults
{

namespace
{

id_set without(id_set const& all, id_set const& some)
{
    id_set out;
    std::set_difference(all.begin(), all.end(), some.begin(), some.end(),
                        std::inserter(out, out.end()));
    return out;
}

id_set both(id_set const& a, id_set const& b)
{
    id_set out;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
    return out;
}

std::string some_of(id_set const& ids)
{
    std::ostringstream out;
    out << ids.size() << " ids:";
    std::size_t shown = 0;
    for (auto const id : ids)
    {
        if (++shown > 6)
            return out.str() + " ...";
        out << ' ' << id;
    }
    return out.str();
}

std::string counts_text(delivery_report const& report)
{
    std::ostringstream out;
    out << "accepted " << report.accepted.records << ", delivered " << report.delivered.records
        << ", failed " << report.failed.records << ", dead-lettered "
        << report.dead_lettered.records << ", unknown " << report.unknown.records << ", pending "
        << report.pending.records << ", possibly twice " << report.possibly_twice.records;
    return out.str();
}

/// The sum of all outcomes, with what is pending.
bool adds_up(delivery_counts const& accepted, std::initializer_list<delivery_counts> parts)
{
    delivery_counts sum;
    for (auto const& one : parts)
    {
        sum.records += one.records;
        sum.bytes += one.bytes;
        sum.blobs += one.blobs;
    }
    return sum == accepted;
}

class trial
{
public:
    explicit trial(observation const& seen) : seen_(seen), out_(seen.violations) {}

    std::vector<std::string> verdict()
    {
        of_the_table();
        of_named_batches();
        of_flushes();
        if (seen_.last)
            of_the_report(seen_.last->report);
        if (seen_.closed && seen_.last)
            of_the_close(*seen_.last);
        if (seen_.before_destruction)
            at_least(seen_.before_destruction->report.delivered.records);
        return out_;
    }

private:
    void say(std::string what) { out_.push_back(std::move(what)); }
    void expect(bool holds, std::string const& what)
    {
        if (!holds)
            say(what);
    }

    void of_the_table()
    {
        there_ = seen_.table.ids();
        expect(seen_.table.foreign == 0,
               std::to_string(seen_.table.foreign) + " damaged or foreign rows");
        auto const strange = without(there_, seen_.accepted);
        expect(strange.empty(), "in the table and never accepted: " + some_of(strange));
        for (auto const& [id, times] : seen_.table.times)
            if (times > 1)
                twice_.insert(twice_.end(), id);
    }

    void of_named_batches()
    {
        auto const& named = seen_.named;
        for (auto const& one : named.complaints)
            say(one);
        auto const wrong = both(named.failed, there_);
        expect(wrong.empty(), "reported failed and in the table: " + some_of(wrong));
        auto const strange = without(named.failed, seen_.accepted).size() +
                             without(named.unknown, seen_.accepted).size();
        expect(strange == 0, "undelivered batches hold " + std::to_string(strange) +
                                 " records that were never accepted");
        expect(both(named.failed, named.unknown).empty(), "a record is in two undelivered batches");
    }

    void of_flushes()
    {
        for (auto const& ids : seen_.flushed)
        {
            // Batches that were dead-lettered or handed over make no flush fail.
            auto const& named = seen_.named;
            auto const lost = without(without(without(ids, there_), named.failed), named.unknown);
            expect(lost.empty(), "a flush succeeded, and not in the table: " + some_of(lost));
        }
    }

    void at_least(std::uint64_t delivered)
    {
        auto const arrived = both(seen_.accepted, there_).size();
        expect(arrived >= delivered, "reported delivered: " + std::to_string(delivered) +
                                         ", in the table: " + std::to_string(arrived));
    }

    /// Records of batches that were not named are told by their numbers.
    void of_the_report(delivery_report const& report)
    {
        expect(report.accepted.records == seen_.accepted.size(),
               "accepted by the writes' account: " + std::to_string(seen_.accepted.size()) + "; " +
                   counts_text(report));
        auto const& named = seen_.named;
        auto const given_up = report.failed.records + report.dead_lettered.records;
        // Where the context was stopped the report is not the last word: what was pending may have
        // become a dead letter since.
        auto const may_be_named = given_up + report.pending.records;
        if (named.failed_records > may_be_named || named.unknown_records > report.unknown.records)
        {
            say("more undelivered records were named (" + std::to_string(named.failed_records) +
                " failed, " + std::to_string(named.unknown_records) +
                " unknown) than reported: " + counts_text(report));
            return;
        }
        auto const failed = given_up - (std::min)(given_up, named.failed_records);
        auto const unknown =
            report.unknown.records - named.unknown_records + report.pending.records;
        auto const rest = without(without(seen_.accepted, named.failed), named.unknown);
        auto const missing = without(rest, there_);
        expect(missing.size() <= failed + unknown,
               "lost: not in the table, and not reported: " + counts_text(report) + "; missing " +
                   some_of(missing));
        expect(missing.size() >= failed, "reported failed and in the table: " +
                                             counts_text(report) + "; missing " + some_of(missing));
        auto const excused =
            report.possibly_twice.records + unknown + seen_.redelivered * seen_.batch_records;
        auto const doubled = without(twice_, named.unknown);
        expect(doubled.size() <= excused, "twice in the table without a word: " +
                                              counts_text(report) + "; " + some_of(doubled));
    }

    void of_the_close(sink_statistics const& last)
    {
        auto const& report = last.report;
        expect(report.pending.records == 0 && report.pending.blobs == 0 &&
                   report.pending.bytes == 0,
               "something is pending after close: " + counts_text(report));
        expect(last.budget_bytes == 0, "the budget is not empty after close: " +
                                           std::to_string(last.budget_bytes) + " bytes");
        bool const all = report.complete() && report.failed.records == 0 &&
                         report.unknown.records == 0 && report.dead_lettered.records == 0;
        expect(all || report.first_failure.has_value(),
               "not everything was delivered, and there is no first failure");
        expect(!seen_.must_complete || report.complete(),
               "the service came back, and not everything was delivered: " + counts_text(report) +
                   (report.first_failure ? "; " + report.first_failure->describe() : ""));
    }

    observation const& seen_;
    std::vector<std::string> out_;
    id_set there_;
    id_set twice_;
};

} // namespace

void snapshot_rules::check(sink_statistics const& now, std::vector<std::string>& violations)
{
    auto const& report = now.report;
    auto const expect = [&](bool holds, char const* what)
    {
        if (!holds && violations.size() < 20)
            violations.push_back(std::string("snapshot: ") + what + ": " + counts_text(report));
    };
    expect(adds_up(report.accepted, {report.delivered, report.failed, report.dead_lettered,
                                     report.unknown, report.pending}),
           "accepted is not the sum of the outcomes");
    expect(report.pending.records <= report.accepted.records &&
               report.pending.bytes <= report.accepted.bytes &&
               report.pending.blobs <= report.accepted.blobs,
           "more is pending than was accepted");
    expect(report.queued.records <= report.pending.records, "more is queued than pending");
    expect(report.possibly_twice.records <= report.delivered.records,
           "more is possibly twice than delivered");
    expect(now.budget_bytes <= now.budget_limit_bytes &&
               now.budget_peak_bytes <= now.budget_limit_bytes,
           "the byte budget was exceeded");
    if (previous_)
    {
        auto const& old = previous_->report;
        expect(old.accepted.records <= report.accepted.records, "accepted shrank");
        expect(old.delivered.records <= report.delivered.records, "delivered shrank");
        expect(old.failed.records <= report.failed.records, "failed shrank");
        expect(old.unknown.records <= report.unknown.records, "unknown shrank");
        expect(previous_->budget_peak_bytes <= now.budget_peak_bytes, "the budget's peak shrank");
    }
    previous_ = now;
}

std::vector<std::string> judge(observation const& seen)
{
    return trial(seen).verdict();
}

std::string outcome_word(observation const& seen)
{
    if (!seen.last)
        return "gone";
    auto const& report = seen.last->report;
    if (report.unknown.records != 0 || report.pending.records != 0)
        return "unknown";
    if (report.dead_lettered.records != 0)
        return "dead-lettered";
    if (report.failed.records != 0)
        return "failed";
    return report.possibly_twice.records != 0 ? "possibly twice" : "delivered";
}

void note_batch(named_batches& to, std::uint64_t salt, std::string const& lines,
                std::uint64_t records, std::uint64_t bytes, bool unknown)
{
    found_records found;
    found.add_csv(salt, lines);
    auto& ids = unknown ? to.unknown : to.failed;
    for (auto const& [id, times] : found.times)
        if (times != 1 || !ids.insert(id).second)
            to.complaints.push_back("a record is twice in undelivered batches: " +
                                    std::to_string(id));
    if (found.foreign != 0 || found.total() != records || lines.size() != bytes)
        to.complaints.push_back(
            "an undelivered batch holds " + std::to_string(found.total()) + " records, " +
            std::to_string(found.foreign) + " of them damaged, in " + std::to_string(lines.size()) +
            " bytes; its counts say " + std::to_string(records) + " in " + std::to_string(bytes));
    (unknown ? to.unknown_records : to.failed_records) += records;
}

} // namespace kusto::faults
