// The batching sink over the whole service: writers, flush, close. Compression runs on threads of
// its own, so that the number of a step means about the same in two runs, not exactly.
#include "all_sweeps.hpp"

#include <charconv>
#include <kusto/lines.hpp>
#include <kusto/sink.hpp>
#include <map>
#include <random>
#include <service/client_state.hpp>
#include <sink/sink_state.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace kusto::test
{

namespace
{

using outcome_of = std::optional<failure>;

/// What the sink has to carry.
class load
{
public:
    std::uint64_t before_flush = 16;
    std::uint64_t in_all = 22;
    std::uint64_t batch = 5;
    std::size_t padding = 0; ///< of each record, hard to compress
    bool verified = true;
    bool polling = false; ///< for statuses; what is not delivered is handed over
};

/// Batches of two blocks each.
load heavy(std::uint64_t records)
{
    load out;
    out.before_flush = records - 2;
    out.in_all = records;
    out.batch = 2;
    out.padding = 70'000;
    return out;
}

/// Noise that differs from record to record.
std::string padding_of(std::uint64_t id, std::size_t size)
{
    static std::string const noise = []
    {
        std::mt19937 engine(1);
        std::string text(200'000, ' ');
        for (auto& c : text)
            c = static_cast<char>('-' + engine() % 80);
        return text;
    }();
    return noise.substr((id * 7919) % 100'000, size);
}

/// What outlives the sink's handle.
class observed
{
public:
    std::uint64_t writes_begun = 0;
    std::uint64_t writes_done = 0;
    std::uint64_t handed_over = 0;
    std::optional<delivery_report> last_report;
};

using sink_ptr = std::shared_ptr<batching_sink>;
using observed_ptr = std::shared_ptr<observed>;

asio::awaitable<void> write(sink_ptr sink, observed_ptr seen, std::uint64_t up_to,
                            std::size_t padding)
{
    while (seen->writes_begun < up_to)
    {
        auto const id = seen->writes_begun++;
        auto const text = std::to_string(id) + ',' + padding_of(id, padding) + ",record";
        csv_line const record(text);
        auto writer = sink->writer(id % sink->parallelism());
        co_await writer.write(record);
        ++seen->writes_done;
    }
}

asio::awaitable<outcome_of> write_flush_close(sink_ptr sink, observed_ptr seen, load what)
{
    co_await write(sink, seen, what.before_flush, what.padding);
    auto const level = what.polling ? acknowledgement::ingested : acknowledgement::queued;
    auto const flushed = co_await sink->flush(level, deadline::after(60s));
    if (flushed.first_failure)
        co_return *flushed.first_failure;
    if (flushed.delivered.records < what.before_flush)
        co_return failure(errc::sink_stopped, stage::sink, "flushed too little");
    co_await write(sink, seen, what.in_all, what.padding);
    auto const report = co_await sink->close(deadline::after(60s));
    if (report.first_failure)
        co_return *report.first_failure;
    if (!report.complete())
        co_return failure(errc::sink_stopped, stage::sink, "incomplete without a failure");
    co_return std::nullopt;
}

asio::awaitable<outcome_of> close_at_last(sink_ptr sink, observed_ptr seen)
{
    // Soon: after a cancellation there may be a request that never ends.
    auto const report = co_await sink->close(deadline::after(50ms));
    seen->last_report = report;
    co_return std::nullopt;
}

bool adds_up(delivery_counts const& all, delivery_counts const& a, delivery_counts const& b,
             delivery_counts const& c)
{
    return all.records == a.records + b.records + c.records &&
           all.bytes == a.bytes + b.bytes + c.bytes && all.blobs == a.blobs + b.blobs + c.blobs;
}

/// Which blobs each record was posted in; a repeated message counts once.
class arrivals
{
public:
    explicit arrivals(std::vector<happy_storage::post> const& posts)
    {
        for (auto const& one : posts)
            read(one);
    }

    std::string problem;
    std::map<std::uint64_t, std::set<std::string>> blobs;

private:
    void read(happy_storage::post const& one)
    {
        std::string_view text = one.text;
        while (!text.empty())
        {
            auto const line = text.substr(0, text.find('\n') + 1);
            std::uint64_t id = 0;
            auto const [end, bad] = std::from_chars(line.data(), line.data() + line.size(), id);
            if (line.empty() || bad != std::errc() || *end != ',' || !line.ends_with(",record\n"))
            {
                problem = "a damaged record arrived";
                return;
            }
            blobs[id].insert(one.blob);
            text.remove_prefix(line.size());
        }
    }
};

class sink_scenario final : public scenario
{
public:
    sink_scenario(world& where, load what)
        : world_(where),
          load_(what),
          client_(kusto::detail::client_state::make(where.executor(), world::options(), where.service,
                                             where.time)
                      .value())
    {
        write_options options("db", "t");
        options.parallelism(2).batch_size(what.batch).batch_interval(1h).compression(compression::zlib(1));
        options.compression_threads(1).byte_budget(1u << 20).block_size(1u << 16);
        // Trouble that lasts comes to an end on the scenario's clock.
        options.verify_table(what.verified).delivery_timeout(2min);
        options.poll_for_ingestion_status(what.polling);
        if (what.polling)
            options.on_permanent_failure(failure_policy::hand_over(
                [seen = seen_](undelivered_batch const& batch)
                { seen->handed_over += batch.counts.records; }));
        auto const state = sink::make_sink_state(
            where.executor(), service::make_queued_channel(client_, options), options,
            sink::environment(base::logger(), where.time));
        budget_ = state->budget();
        where.watch("the client", client_);
        where.watch("the sink", state);
        sink_ = std::make_shared<batching_sink>(state);
    }

    asio::awaitable<outcome_of> operation() override { return write_flush_close(sink_, seen_, load_); }
    asio::awaitable<outcome_of> conclusion() override { return close_at_last(sink_, seen_); }
    bool has_threads() const override { return true; }

    void stop() override { client_->stop(); }

    std::string check(ending const& end, plan const& what) override;

    std::function<std::string()> check_remains() override
    {
        return [budget = budget_]
        {
            return budget->used() == 0 && budget->waiting() == 0
                       ? std::string()
                       : "the budget misses " + std::to_string(budget->used()) + " bytes";
        };
    }

private:
    [[nodiscard]] std::string check_report() const;

    world& world_;
    load load_;
    std::shared_ptr<kusto::detail::client_state> client_;
    sink_ptr sink_;
    observed_ptr seen_ = std::make_shared<observed>();
    std::shared_ptr<async::byte_budget> budget_;
};

std::string sink_scenario::check_report() const
{
    if (!seen_->last_report)
        return "no report";
    auto const& report = *seen_->last_report;
    if (!adds_up(report.accepted, report.delivered, report.failed, report.unknown))
        return "the report does not add up";
    if (report.pending != delivery_counts())
        return "something is pending after close";
    // A write that is cancelled may have been accepted or not.
    if (report.accepted.records < seen_->writes_done ||
        report.accepted.records > seen_->writes_begun)
        return "accepted " + std::to_string(report.accepted.records) + " records of " +
               std::to_string(seen_->writes_done);
    if (seen_->handed_over > report.failed.records + report.unknown.records)
        return "handed over, and not reported so";
    if (!report.complete() && !report.first_failure)
        return "not everything was delivered, and no failure says why";
    return std::string();
}

std::string sink_scenario::check(ending const& end, plan const& what)
{
    auto problem = check_report();
    if (!problem.empty())
        return problem;
    auto const& report = *seen_->last_report;
    auto& storage = world_.service->storage();
    arrivals const arrived(storage.posts());
    if (!arrived.problem.empty())
        return arrived.problem;
    for (auto const& [id, blobs] : arrived.blobs)
    {
        if (blobs.size() != 1 || id >= seen_->writes_begun)
            return "record " + std::to_string(id) + " is in another number of blobs than 1";
    }
    auto const there = arrived.blobs.size();
    if (there < report.delivered.records)
        return "reported as delivered, and not posted";
    if (there > report.delivered.records + report.unknown.records)
        return "posted, and reported as failed";
    bool const ambiguous =
        what.request && (what.grief == mishap::answer_lost || what.grief == mishap::half_done ||
                         what.grief == mishap::late || what.grief == mishap::server_error);
    if (!storage.posted_twice().empty() && !ambiguous)
        return "posted twice without need";
    if (end.good() && there != load_.in_all)
        return "succeeded without all records";
    return std::string();
}

} // namespace

BOOST_AUTO_TEST_SUITE(sink_sweeps)

BOOST_AUTO_TEST_CASE(every_request_fails)
{
    auto over = sweep_of<sink_scenario>("sink", load());
    BOOST_TEST(over.undisturbed() == "");
    BOOST_TEST(over.fail() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

BOOST_AUTO_TEST_CASE(every_request_of_large_batches_fails)
{
    auto over = sweep_of<sink_scenario>("heavy sink", heavy(6));
    BOOST_TEST(over.undisturbed() == "");
    BOOST_TEST(over.fail({mishap::answer_lost, mishap::busy, mishap::half_done}) == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

BOOST_AUTO_TEST_CASE(with_statuses_and_a_function_for_what_is_not_delivered)
{
    load with_statuses;
    with_statuses.polling = true;
    with_statuses.verified = false;
    auto over = sweep_of<sink_scenario>("polling sink", with_statuses).stride(1000, 20).alone();
    BOOST_TEST(over.undisturbed() == "");
    BOOST_TEST(over.fail({mishap::answer_lost, mishap::forbidden, mishap::conflict}) == "");
    BOOST_TEST(over.cancel() == "");
    BOOST_TEST(over.destroy() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

BOOST_AUTO_TEST_CASE(cancelled_at_every_step)
{
    auto over = sweep_of<sink_scenario>("sink", load()).stride(40);
    BOOST_TEST(over.cancel() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

BOOST_AUTO_TEST_CASE(cancelled_while_a_request_never_ends)
{
    load without_check;
    without_check.verified = false;
    auto over = sweep_of<sink_scenario>("sink", without_check).stride(1000).with_stuck_requests();
    BOOST_TEST(over.cancel() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

BOOST_AUTO_TEST_CASE(the_client_is_stopped_at_every_step)
{
    auto over = sweep_of<sink_scenario>("sink", load()).stride(40);
    BOOST_TEST(over.stop() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

BOOST_AUTO_TEST_CASE(destroyed_at_every_step)
{
    auto over = sweep_of<sink_scenario>("sink", load()).stride(20);
    BOOST_TEST(over.destroy() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

BOOST_AUTO_TEST_CASE(destroyed_at_every_step_of_large_batches)
{
    // More than the budget holds, so that writes wait.
    auto over = sweep_of<sink_scenario>("heavy sink", heavy(20)).stride(0, 6).alone();
    BOOST_TEST(over.destroy() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace kusto::test
