#include <kusto/options.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/utf8.hpp>
#include <options/checks.hpp>
#include <thread>

namespace kusto
{

namespace
{

using options::bytes_text;
using options::problem_list;

constexpr std::uint64_t kibibyte = 1024;
constexpr std::uint64_t mebibyte = kibibyte * 1024;
constexpr std::uint64_t gibibyte = mebibyte * 1024;
constexpr std::uint64_t budget_for_each_writer = 64 * kibibyte;
constexpr std::uint64_t most_blocks = 50'000; // of one blob
// Leaves room in the 48 KiB of a queue message for the identity token and the blob's address.
constexpr std::size_t most_tag_bytes = 16 * kibibyte;

void check_bytes(problem_list& problems, std::string_view name, std::uint64_t value,
                 std::uint64_t least, std::uint64_t most)
{
    if (value < least || value > most)
        problems.add(std::string(name), bytes_text(value),
                     bytes_text(least) + " to " + bytes_text(most));
}

void check_tag(problem_list& problems, std::string_view option, std::string const& tag,
               std::string_view prefix)
{
    constexpr std::size_t longest = 1024;
    bool const good = !tag.empty() && tag.size() <= longest && base::count_characters(tag) &&
                      !options::has_control_characters(tag);
    if (!good)
        problems.add(std::string(option), options::shown_text(tag),
                     "1 to 1024 bytes of UTF-8 without control characters");
    bool const doubled = !prefix.empty() && base::to_lower(tag).starts_with(prefix);
    if (doubled)
        problems.add(std::string(option), options::shown_text(tag),
                     "the value without `" + std::string(prefix) + "`, which is added");
}

void check_tags(problem_list& problems, write_options const& given)
{
    std::size_t bytes = 0;
    auto const check =
        [&](std::string_view option, std::vector<std::string> const& tags, std::string_view prefix)
    {
        for (auto const& tag : tags)
        {
            check_tag(problems, option, tag, prefix);
            bytes += tag.size() + prefix.size();
        }
    };
    check("ingest_by_tag", given.ingest_by_tags(), "ingest-by:");
    check("drop_by_tag", given.drop_by_tags(), "drop-by:");
    check("additional_tag", given.additional_tags(), "");
    check("ingest_if_not_exists", given.ingest_if_not_exists(), "ingest-by:");
    if (bytes > most_tag_bytes)
        problems.add("tags", bytes_text(bytes), "at most 16 KiB, all tags together");
}

void check_memory(problem_list& problems, write_options const& given)
{
    check_bytes(problems, "client_batch_size_limit", given.client_batch_size_limit(), 1,
                4 * gibibyte);
    check_bytes(problems, "block_size", given.block_size(), 64 * kibibyte, 100 * mebibyte);
    check_bytes(problems, "byte_budget", given.byte_budget(), mebibyte, 1024 * gibibyte);
    auto const least_budget =
        budget_for_each_writer * (std::min<std::uint64_t>)(given.parallelism(), 1024);
    if (given.byte_budget() >= mebibyte && given.byte_budget() < least_budget)
        problems.add("byte_budget", bytes_text(given.byte_budget()),
                     "at least " + bytes_text(least_budget) + ": 64 KiB for each of the " +
                         std::to_string(given.parallelism()) + " writers");
    // Compression can make text larger by a fraction of a percent.
    auto const most = given.client_batch_size_limit() + given.client_batch_size_limit() / 128;
    if (given.block_size() >= 64 * kibibyte && given.client_batch_size_limit() <= 4 * gibibyte &&
        most / given.block_size() >= most_blocks)
        problems.add("block_size", bytes_text(given.block_size()),
                     "at least client_batch_size_limit / 49000, since a blob has at most 50000 "
                     "blocks");
}

void check_compression(problem_list& problems, compression how)
{
    auto const wrong = [&](std::string allowed)
    { problems.add("compression", how.to_string(), std::move(allowed)); };
    switch (how.codec())
    {
    case compression_codec::automatic:
        return;
    case compression_codec::zlib:
        if (how.level() < 1 || how.level() > 9)
            wrong("zlib 1 to 9");
        return;
    case compression_codec::igzip:
        if (!compression::igzip_available())
            wrong("zlib 1 to 9, or automatic; this library was built without ISA-L");
        else if (how.level() < 0 || how.level() > 3)
            wrong("igzip 0 to 3");
        return;
    }
}

void check_mapping(problem_list& problems, write_options const& given)
{
    auto const& name = given.mapping_name();
    if (name.empty())
        return;
    constexpr std::size_t longest = 1024;
    if (name.size() > longest || !base::count_characters(name) ||
        options::has_control_characters(name))
        problems.add("ingestion_mapping", options::shown_text(name),
                     "1 to 1024 bytes of UTF-8 without control characters");
}

std::string_view name_of(delivery_guarantee guarantee)
{
    switch (guarantee)
    {
    case delivery_guarantee::none:
        return "none";
    case delivery_guarantee::at_least_once:
        return "at_least_once";
    case delivery_guarantee::exactly_once:
        return "exactly_once";
    }
    return {};
}

void check_guarantee(problem_list& problems, delivery_guarantee guarantee, options::sink_kind kind)
{
    bool const ahead = kind == options::sink_kind::write_ahead;
    auto const best = ahead ? delivery_guarantee::exactly_once : delivery_guarantee::none;
    if (guarantee == delivery_guarantee::at_least_once || guarantee == best)
        return;
    auto const name = name_of(guarantee);
    problems.add("guarantee",
                 name.empty() ? std::to_string(static_cast<int>(guarantee)) : std::string(name),
                 ahead ? "exactly_once or at_least_once; a write-ahead sink delivers exactly once"
                       : "none or at_least_once; exactly-once delivery needs a write-ahead sink, "
                         "which the batching sink is not");
}

void check_failure_policy(problem_list& problems, failure_policy const& policy)
{
    constexpr char name[] = "on_permanent_failure";
    if (policy.what() == failure_policy::kind::hand_over && !policy.take())
        problems.add(name, "hand_over", "hand_over with a function");
    if (policy.what() != failure_policy::kind::dead_letter)
        return;
    if (policy.directory().empty() || options::has_control_characters(policy.directory()))
        problems.add(name, "dead_letter " + options::shown_text(policy.directory()),
                     "dead_letter with the path of a directory, without control characters");
}

} // namespace

write_options::write_options(std::string database, std::string table)
    : database_(std::move(database)),
      table_(std::move(table)),
      compression_threads_(std::clamp(std::thread::hardware_concurrency(), 1u, 1024u))
{
}

std::vector<option_problem> write_options::problems() const
{
    return options::write_problems(*this, options::sink_kind::batching).take();
}

options::problem_list options::write_problems(write_options const& given, sink_kind kind)
{
    using std::chrono::hours;
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    problem_list problems;
    problems.check_name("database", given.database());
    problems.check_name("table", given.table());
    check_mapping(problems, given);
    problems.check_range("batch_interval", given.batch_interval(), milliseconds(1), hours(24));
    problems.check_range("batch_size", given.batch_size(), 1, std::uint64_t(1) << 32);
    check_guarantee(problems, given.guarantee(), kind);
    problems.check_range("parallelism", given.parallelism(), 1, 1024);
    problems.check_range("uploads_in_flight", given.uploads_in_flight(), 1, 256);
    check_memory(problems, given);
    problems.check_range("compression_threads", given.compression_threads(), 1, 1024);
    check_compression(problems, given.compression());
    check_tags(problems, given);
    problems.check_retry(given.retry());
    if (kind == sink_kind::batching)
        problems.check_range_or_zero("delivery_timeout", given.delivery_timeout(), seconds(1),
                                     hours(7 * 24));
    check_failure_policy(problems, given.on_permanent_failure());
    problems.check_range_or_zero("ingestion_status_timeout", given.ingestion_status_timeout(),
                                 seconds(1), hours(24));
    return problems;
}

} // namespace kusto
