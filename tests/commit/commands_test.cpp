// Every command of a commit is answered late, twice, or not at all; the records are in the table once.
#include "child_process.hpp"
#include "crash_oracle.hpp"
#include "crash_schedule.hpp"
#include "fast_client.hpp"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <faults/records.hpp>
#include <kusto/write_ahead_sink.hpp>
#include <mutex>
#include <thread>

namespace
{

using namespace kusto;
using namespace kusto::crash;
namespace asio = boost::asio;
using emulator::fault;
using emulator::fault_route;
using std::chrono::milliseconds;

constexpr int speed = 10; ///< of the library's clock

/// A job in this process: two checkpoints, one after the other.
class small_job
{
public:
    explicit small_job(std::string const& protocol)
        : cluster_(setup()),
          clock_(speed),
          threads_(1),
          oracle_(cluster_, plan_)
    {
        plan_.sink = protocol;
        plan_.directory = (scratch_.path() / "sink").string();
        plan_.records = 18;
        (void)cluster_.execute(std::string(faults::database_name),
                               std::string(faults::create_table));
        (void)cluster_.execute(std::string(faults::database_name), std::string(create_mapping));
    }
    small_job(small_job const&) = delete;
    small_job& operator=(small_job const&) = delete;
    ~small_job()
    {
        threads_.stop();
        threads_.join();
    }

    /// \returns what is wrong \throws error when an operation of the sink does
    complaints go(fault const& rule, bool while_opening)
    {
        emulator::fault_script script;
        script.add(rule);
        if (while_opening)
            cluster_.set_faults(script);
        {
            auto sink = open();
            if (!while_opening)
                cluster_.set_faults(script);
            write(sink, 0, plan_.records / 2);
            write(sink, plan_.records / 2, plan_.records);
            finish(sink);
        }
        auto const applied = cluster_.fault_counts().front().applied;
        std::this_thread::sleep_for(latest_command(script));
        (void)cluster_.wait_until_idle(milliseconds(10'000));
        cluster_.set_faults(emulator::fault_script());
        {
            auto again = open();
            finish(again);
        }
        auto out = judge();
        if (applied == 0)
            out.emplace_back("no such command came");
        return out;
    }

private:
    static emulator::cluster_options setup()
    {
        emulator::cluster_options out;
        out.tls(false).threads(1).batching(milliseconds(5), 500, std::uint64_t(1) << 30);
        return out;
    }

    [[nodiscard]] connection_options connection() const
    {
        auto where = connection_options::from_connection_string(cluster_.connection_string());
        where.ingestion_url(cluster_.ingestion_url()).authority_host(cluster_.authority_url());
        where.retry(retry()).request_timeout(milliseconds(700 * speed));
        return where;
    }

    static retry_options retry()
    {
        retry_options out;
        out.attempts(3).base(milliseconds(2)).cap(milliseconds(20));
        return out;
    }

    write_ahead_sink open()
    {
        write_options records{std::string(faults::database_name), std::string(faults::table_name)};
        // Batches enough for a commit to drop tags in the end.
        records.batch_size(1).retry(retry()).ingestion_status_timeout(milliseconds(2000 * speed));
        records.compression_threads(1).verify_table(false).uploads_in_flight(16);
        records.ingestion_mapping(std::string(mapping_name), data_format::csv);
        write_ahead_options options(plan_.directory, plan_.job);
        options.protocol(plan_.sink == "staged" ? commit_protocol::staged
                                                : commit_protocol::ingest_by);
        auto const executor = threads_.get_executor();
        commit::commit_context context;
        context.client = connect(executor, connection(), milliseconds(700), clock_);
        context.records = std::move(records);
        context.options = std::move(options);
        return write_ahead_sink(run(open_sink(executor, std::move(context))));
    }

    void write(write_ahead_sink& sink, std::uint64_t from, std::uint64_t to)
    {
        replayable_source const source(plan_);
        for (auto at = from; at < to; ++at)
            if (!sink.try_write(source.record(at)))
                throw std::runtime_error("the sink has no room");
        auto const until = deadline::after(milliseconds(20'000));
        (void)run(sink.checkpoint_and_commit(std::to_string(to), until));
    }

    void finish(write_ahead_sink& sink)
    {
        duplicates_ += run(sink.close()).duplicates;
    }

    complaints judge()
    {
        auto out = oracle_.judge_table();
        for (auto& one : oracle_.judge_commits())
            out.push_back(std::move(one));
        for (auto& one : oracle_.judge_remains())
            out.push_back(std::move(one));
        if (duplicates_ != 0)
            out.emplace_back("the sink counts duplicates");
        return out;
    }

    template <class T>
    T run(asio::awaitable<T> operation)
    {
        return asio::co_spawn(threads_, std::move(operation), asio::use_future).get();
    }

    scratch_directory scratch_;
    child_plan plan_;
    emulator::cluster cluster_;
    fast_clock clock_;
    asio::thread_pool threads_;
    crash_oracle oracle_;
    std::uint64_t duplicates_ = 0;
};

/// Commands that are told by a part of their text.
struct command_kind
{
    std::string text;
    bool opening;          ///< of `open`, rather than of a commit
    bool query = false;    ///< of the commit table
    bool only_staged = true;
};

std::vector<command_kind> all_kinds()
{
    return {
        {"schema as json", true},
        {"policy update", true},
        {"table ['Soak'] policy extent_tags_retention", true, false, false},
        {".create-merge table", true, false, false},
        {"project checkpoint", true, true, false},
        {".show tables", true},
        {".create table", true},
        {".move extents all", true},
        {".drop table", true},
        {"'] extents", true, false, false},
        {"project checkpoint", false, true, false},
        {"schema as json", false},
        {".create table", false},
        {".show table ['Soak'] ingestion csv mapping", false},
        {".create-or-alter table", false},
        {"policy ingestionbatching", false},
        {"policy merge", false},
        {"policy retention", false},
        {"'] extents", false, false, false},
        {".move extents from", false},
        {".set-or-append", false, false, false},
        {".drop table", false},
        {"extent tags", false},
    };
}

struct named_fault
{
    std::string name;
    fault rule;
};

std::vector<named_fault> all_faults(bool query)
{
    auto const soon = milliseconds(20);
    std::vector<named_fault> all{
        {"drop_answer", fault::drop_answer()},
        {"429", fault::status(429).retry_after(soon, emulator::retry_after_form::milliseconds)},
        {"503", fault::status(503)},
        {"never_answer", fault::never_answer()},
        {"never_answer_after", fault::never_answer_after()},
    };
    if (!query)
    {
        all.push_back({"executed_twice", fault::executed_twice()});
        all.push_back({"executed_late", fault::executed_late(milliseconds(3))});
        all.push_back({"executed_late, later", fault::executed_late(milliseconds(60))});
        all.push_back({"executed_late, much later", fault::executed_late(milliseconds(500))});
    }
    return all;
}

struct test_case
{
    std::string name;
    std::string protocol;
    fault rule;
    bool opening;
    std::string wrong;
};

std::vector<test_case> all_cases()
{
    std::vector<test_case> out;
    for (auto const& kind : all_kinds())
        for (auto const& what : all_faults(kind.query))
            for (std::uint64_t const from : {1, 2})
                for (std::string const protocol : {"staged", "ingest_by"})
                {
                    // Of some commands `open` has one only, and of tags a commit.
                    bool const single = kind.opening || kind.text == "extent tags";
                    bool const executed = what.rule.code() == 0;
                    if ((kind.only_staged && protocol != "staged") ||
                        (from == 2 && (single || !executed)))
                        continue;
                    auto rule = what.rule;
                    rule.on(kind.query ? fault_route::query : fault_route::command);
                    rule.containing(kind.text).from(from).times(1);
                    auto name = protocol + ", '" + kind.text + "' " + std::to_string(from) +
                                (kind.opening ? " of open, " : " of commit, ") + what.name;
                    out.push_back({std::move(name), protocol, rule, kind.opening, {}});
                }
    return out;
}

/// Most cases wait most of the time, so several run at once.
void run_all(std::vector<test_case>& cases)
{
    std::atomic<std::size_t> next = 0;
    auto const work = [&]
    {
        for (auto i = next++; i < cases.size(); i = next++)
        {
            auto& one = cases[i];
            try
            {
                small_job job(one.protocol);
                for (auto const& complaint : job.go(one.rule, one.opening))
                    one.wrong += complaint + "; ";
            }
            catch (std::exception const& e)
            {
                one.wrong = std::string("thrown: ") + e.what();
            }
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i)
        threads.emplace_back(work);
    for (auto& one : threads)
        one.join();
}

} // namespace

BOOST_AUTO_TEST_CASE(every_command_may_be_answered_late_twice_or_not_at_all)
{
    auto cases = all_cases();
    run_all(cases);
    for (auto const& one : cases)
        BOOST_TEST(one.wrong.empty(), one.name << ": " << one.wrong);
    BOOST_TEST_MESSAGE(cases.size() << " cases");
}
