#include <kusto/write_ahead_options.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/utf8.hpp>
#include <limits>
#include <options/checks.hpp>
#include <utility>

namespace kusto
{

namespace
{

using options::bytes_text;
using options::problem_list;
using options::shown_text;

constexpr std::uint64_t mebibyte = std::uint64_t(1) << 20;
constexpr std::size_t longest_job = 64;

void check_place(problem_list& problems, write_ahead_options const& given)
{
    auto const directory = given.directory().string();
    if (directory.empty() || options::has_control_characters(directory))
        problems.add("directory", shown_text(directory),
                     "the path of a directory, without control characters");
    auto const& job = given.job();
    bool const good =
        !job.empty() && job.size() <= longest_job &&
        std::all_of(job.begin(), job.end(),
                    [](char c) { return base::is_letter(c) || base::is_digit(c) || c == '_'; });
    if (!good)
        problems.add("job", shown_text(job), "1 to 64 ASCII letters, digits and '_'");
}

void check_protocol(problem_list& problems, commit_protocol protocol)
{
    if (protocol != commit_protocol::staged && protocol != commit_protocol::ingest_by)
        problems.add("protocol", std::to_string(static_cast<int>(protocol)), "staged or ingest_by");
}

void check_limits(problem_list& problems, write_ahead_options const& given)
{
    using namespace std::chrono_literals;
    if (given.backlog_limit() < mebibyte || given.backlog_limit() > 16 * mebibyte * mebibyte)
        problems.add("backlog_limit", bytes_text(given.backlog_limit()), "1 MiB to 16 TiB");
    problems.check_range_or_zero("checkpoint_interval", given.checkpoint_interval(), 100ms, 24h);
    constexpr std::chrono::minutes longest = 365 * 24h;
    auto const horizon = given.recovery_horizon();
    if (horizon < 1min || horizon > longest)
        problems.add("recovery_horizon", std::to_string(horizon.count()) + " min",
                     "1 min to 365 days");
}

/// What the name of a stage has after the table's: `__wal_{job}_{owner}_{checkpoint}_{attempt}`.
std::size_t longest_stage_suffix(std::string_view job)
{
    constexpr auto checkpoint = std::numeric_limits<std::uint64_t>::digits10 + 1;
    constexpr auto attempt = std::numeric_limits<int>::digits10 + 1;
    constexpr std::size_t owner = 8;
    return std::string_view("__wal_").size() + job.size() + 1 + owner + 1 + checkpoint + 1 + attempt;
}

void check_tables(problem_list& problems, write_ahead_options const& given,
                  std::string const& table)
{
    constexpr std::size_t longest_name = 1024;
    problems.check_name("commit_table", given.commit_table());
    if (given.commit_table() == table)
        problems.add("commit_table", shown_text(table), "a table other than that of the records");
    auto const length = base::count_characters(table).value_or(0);
    auto const suffix = longest_stage_suffix(given.job());
    bool const too_long = length <= longest_name && length + suffix > longest_name;
    if (given.protocol() == commit_protocol::staged && given.job().size() <= longest_job &&
        too_long)
        problems.add("table", shown_text(table),
                     "at most " + std::to_string(longest_name - suffix) +
                         " characters, since the name of its staging tables is longer by up to " +
                         std::to_string(suffix));
}

void check_tags(problem_list& problems, write_options const& records)
{
    constexpr char none[] = "none: a write-ahead sink makes its own";
    if (!records.ingest_by_tags().empty())
        problems.add("ingest_by_tag", shown_text(records.ingest_by_tags().front()), none);
    if (!records.ingest_if_not_exists().empty())
        problems.add("ingest_if_not_exists", shown_text(records.ingest_if_not_exists().front()),
                     none);
}

void check_records(problem_list& problems, write_ahead_options const& given,
                   write_options const& records)
{
    check_tags(problems, records);
    if (records.delivery_timeout() != std::chrono::milliseconds(0))
        problems.add("delivery_timeout", options::duration_text(records.delivery_timeout()),
                     "0: a write-ahead sink gives no batch up; `commit` has a deadline");
    if (records.on_permanent_failure().what() == failure_policy::kind::hand_over)
        problems.add("on_permanent_failure", "hand_over",
                     "stop or dead_letter: a write-ahead sink has its batches in files");
    if (!records.mapping_name().empty() && !given.expected_schema().empty())
        problems.add("expected_schema", std::to_string(given.expected_schema().size()) + " columns",
                     "none together with ingestion_mapping, which says where the fields go");
}

} // namespace

write_ahead_options::write_ahead_options(std::filesystem::path directory, std::string job)
    : directory_(std::move(directory)),
      job_(std::move(job))
{
}

std::vector<option_problem> write_ahead_options::problems(write_options const& records) const
{
    auto problems = options::write_problems(records, options::sink_kind::write_ahead);
    check_place(problems, *this);
    check_protocol(problems, protocol_);
    check_limits(problems, *this);
    check_tables(problems, *this, records.table());
    check_records(problems, *this, records);
    return problems.take();
}

} // namespace kusto
