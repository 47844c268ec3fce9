// Batches that cannot be delivered: handed to a function, or written to a directory.
#include "sink_fixture.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <unistd.h>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(undelivered)

namespace
{

/// A directory that is gone afterwards.
class scratch
{
public:
    scratch()
    {
        auto pattern = (fs::temp_directory_path() / "kusto-undelivered-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("mkdtemp");
        path_ = pattern;
    }
    scratch(scratch const&) = delete;
    scratch& operator=(scratch const&) = delete;
    ~scratch()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    [[nodiscard]] fs::path const& path() const noexcept { return path_; }
    [[nodiscard]] std::vector<fs::path> files(std::string const& ending) const
    {
        std::vector<fs::path> out;
        if (fs::exists(path_ / "letters"))
            for (auto const& entry : fs::directory_iterator(path_ / "letters"))
                if (entry.path().string().ends_with(ending))
                    out.push_back(entry.path());
        return out;
    }

private:
    fs::path path_;
};

std::string read(fs::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

std::string joined(undelivered_batch const& batch)
{
    std::string out;
    for (auto const& piece : batch.content)
        out.append(reinterpret_cast<char const*>(piece.data()), piece.size());
    return out;
}

taken_batch as_batch(std::string text)
{
    taken_batch out;
    out.text = std::move(text);
    return out;
}

retry_options quick()
{
    retry_options out;
    out.base(1ms).cap(2ms);
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_function_gets_the_whole_batch_and_the_sink_goes_on)
{
    for (auto const kind : all_runtimes)
    {
        runtime threads(kind);
        auto const channel = std::make_shared<fake_channel>();
        channel->on_upload = [](std::size_t call)
        { return call % 2 == 0 ? answer::refuse : answer::yes; };
        std::mutex mutex;
        std::vector<taken_batch> handed;
        auto const take = [&](undelivered_batch const& batch)
        {
            std::lock_guard const lock(mutex);
            handed.push_back(as_batch(gunzip(joined(batch))));
            BOOST_TEST(batch.database == "db");
            BOOST_TEST(batch.counts.records == lines_in(handed.back().text));
            BOOST_TEST(batch.blob_name == "db__t__" + batch.source_id + ".csv.gz");
            BOOST_TEST((batch.why.code() == errc::request_rejected));
        };
        auto options = calm_options();
        options.batch_size(100).on_permanent_failure(failure_policy::hand_over(take));
        auto sink = make_sink(threads.executor(), channel, options);
        threads.run(produce(sink, 0, 2000, 60));
        auto const report = threads.run(sink.close());
        BOOST_TEST(adds_up(report));
        BOOST_TEST(report.failed.records == 1000u);
        BOOST_TEST(report.delivered.records == 1000u);
        auto all = channel->batches();
        all.insert(all.end(), handed.begin(), handed.end());
        BOOST_TEST(ids_in(all).size() == 2000u);
        BOOST_TEST(sink.statistics().budget_bytes == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_large_batch_that_is_refused_while_it_is_open_is_handed_over_whole)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t call) { return call == 0 ? answer::refuse : answer::yes; };
    std::vector<taken_batch> handed;
    auto const take = [&](undelivered_batch const& batch)
    { handed.push_back(as_batch(gunzip(joined(batch)))); };
    auto options = calm_options();
    options.block_size(64u << 10).on_permanent_failure(failure_policy::hand_over(take));
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 2000, 1000, false));
    threads.run(channel->wait_for_uploads(1));
    threads.run(produce(sink, 2000, 500, 1000, false));
    auto const report = threads.run(sink.close());
    BOOST_TEST(adds_up(report));
    BOOST_TEST(report.failed.records >= 2000u);
    auto all = channel->batches();
    all.insert(all.end(), handed.begin(), handed.end());
    BOOST_TEST(ids_in(all).size() == 2500u);
}

BOOST_AUTO_TEST_CASE(a_function_that_throws_stops_the_sink)
{
    for (bool const standard : {true, false})
    {
        runtime threads(runtime_kind::one_thread);
        auto const channel = std::make_shared<fake_channel>();
        channel->on_upload = [](std::size_t) { return answer::refuse; };
        auto options = calm_options();
        auto const take = [standard](undelivered_batch const&)
        {
            if (standard)
                throw std::runtime_error("full");
            throw 1;
        };
        options.on_permanent_failure(failure_policy::hand_over(take));
        auto sink = make_sink(threads.executor(), channel, options);
        threads.run(produce(sink, 0, 10, 60));
        BOOST_CHECK_THROW(threads.run(sink.flush()), error);
        BOOST_CHECK_EXCEPTION(threads.run(produce(sink, 10, 1, 60)), error, [](error const& e)
                              { return e.why().code() == errc::sink_stopped; });
        BOOST_TEST(threads.run(sink.close()).failed.records == 10u);
        BOOST_TEST(sink.statistics().budget_bytes == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_flush_after_a_dead_letter_is_about_the_rest)
{
    scratch place;
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t call) { return call == 0 ? answer::refuse : answer::yes; };
    auto options = calm_options();
    options.on_permanent_failure(
        failure_policy::dead_letter((place.path() / "letters").string()));
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 10, 60));
    auto const first = threads.run(sink.flush());
    BOOST_TEST(first.dead_lettered.records == 10u);
    BOOST_TEST(first.first_failure.has_value());
    threads.run(produce(sink, 10, 10, 60));
    BOOST_TEST(threads.run(sink.flush()).delivered.records == 10u);
}

BOOST_AUTO_TEST_CASE(the_function_may_close_the_sink)
{
    for (auto const kind : all_runtimes)
    {
        runtime threads(kind);
        auto const channel = std::make_shared<fake_channel>();
        channel->on_upload = [](std::size_t) { return answer::refuse; };
        batching_sink* it = nullptr;
        std::promise<delivery_report> closed;
        auto const take = [&](undelivered_batch const&)
        {
            boost::asio::co_spawn(threads.executor(), it->close(),
                                  [&](std::exception_ptr e, delivery_report report)
                                  {
                                      if (e)
                                          closed.set_exception(e);
                                      else
                                          closed.set_value(std::move(report));
                                  });
        };
        auto options = calm_options();
        options.on_permanent_failure(failure_policy::hand_over(take));
        auto sink = make_sink(threads.executor(), channel, options);
        it = &sink;
        threads.run(produce(sink, 0, 10, 60));
        BOOST_TEST(threads.run(sink.flush()).failed.records == 10u);
        BOOST_TEST(runtime::finish(closed.get_future()).failed.records == 10u);
    }
}

BOOST_AUTO_TEST_CASE(a_dead_letter_is_the_batch_and_the_reason)
{
    scratch place;
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t call) { return call == 1 ? answer::refuse : answer::yes; };
    auto options = calm_options();
    options.batch_size(100).on_permanent_failure(
        failure_policy::dead_letter((place.path() / "letters").string()));
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 300, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(adds_up(report));
    BOOST_TEST(report.dead_lettered.records == 100u);
    BOOST_TEST(report.failed.records == 0u);
    BOOST_TEST(report.delivered.records == 200u);
    auto const files = place.files(".csv.gz");
    BOOST_TEST_REQUIRE(files.size() == 1u);
    BOOST_TEST(place.files(".part").empty());
    auto all = channel->batches();
    all.push_back(as_batch(gunzip(read(files[0]))));
    BOOST_TEST(ids_in(all).size() == 300u);
    auto const about = boost::json::parse(read(files[0].string() + ".json")).as_object();
    BOOST_TEST(about.at("records").to_number<int>() == 100);
    BOOST_TEST(about.at("file").as_string() == files[0].filename().string());
    BOOST_TEST(about.at("why").at("message").as_string() == "scripted");
    BOOST_TEST(about.at("why").at("outcome").as_string() == "failed");
    BOOST_TEST(sink.statistics().budget_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(a_batch_that_may_be_in_the_table_is_written_and_counted_as_unknown)
{
    scratch place;
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_post = [](std::size_t) { return answer::lose; };
    auto options = calm_options();
    options.on_permanent_failure(
        failure_policy::dead_letter((place.path() / "letters").string()));
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 10, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.unknown.records == 10u);
    BOOST_TEST(report.dead_lettered.records == 0u);
    auto const reasons = place.files(".json");
    BOOST_TEST_REQUIRE(reasons.size() == 1u);
    auto const about = boost::json::parse(read(reasons[0]));
    BOOST_TEST(about.at("why").at("outcome").as_string() == "unknown");
}

BOOST_AUTO_TEST_CASE(a_failed_ingestion_is_written_too)
{
    scratch place;
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_confirm = [](std::size_t) { return answer::refuse; };
    auto options = calm_options();
    options.poll_for_ingestion_status(true).on_permanent_failure(
        failure_policy::dead_letter((place.path() / "letters").string()));
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 10, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.dead_lettered.records == 10u);
    auto const files = place.files(".csv.gz");
    BOOST_TEST_REQUIRE(files.size() == 1u);
    BOOST_TEST(lines_in(gunzip(read(files[0]))) == 10u);
}

BOOST_AUTO_TEST_CASE(a_batch_that_cannot_be_written_stays_and_is_written_later)
{
    scratch place;
    auto const letters = place.path() / "letters";
    runtime threads(runtime_kind::one_thread);
    skipping_clock time;
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::refuse; };
    auto options = calm_options();
    options.retry(quick()).on_permanent_failure(failure_policy::dead_letter(letters.string()));
    std::atomic<int> waited = 0;
    auto const watch = [&](log_event const& event)
    {
        if (event.message == "a batch waits for trouble to pass" && ++waited == 5)
            fs::create_directory(letters);
    };
    auto sink =
        make_sink(threads.executor(), channel, options,
                  sink::environment(base::logger(log_level::warning, watch), time));
    fs::remove(letters);
    threads.run(produce(sink, 0, 10, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.dead_lettered.records == 10u);
    BOOST_TEST(waited == 5);
    BOOST_TEST(place.files(".csv.gz").size() == 1u);
    BOOST_TEST(sink.statistics().waiting_batches == 0u);
}

BOOST_AUTO_TEST_CASE(writing_it_has_no_time_limit_but_close)
{
    scratch place;
    auto const letters = place.path() / "letters";
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::refuse; };
    auto options = calm_options();
    options.retry(quick()).delivery_timeout(1s).on_permanent_failure(
        failure_policy::dead_letter(letters.string()));
    // Longer than the delivery's own timeout and its grace.
    auto const back = std::chrono::steady_clock::now() + 2300ms;
    auto const watch = [&](log_event const&)
    {
        if (std::chrono::steady_clock::now() > back)
            fs::create_directory(letters);
    };
    auto sink = make_sink(
        threads.executor(), channel, options,
        sink::environment(base::logger(log_level::warning, watch), async::system_clock()));
    fs::remove(letters);
    threads.run(produce(sink, 0, 10, 60));
    BOOST_TEST(threads.run(sink.close()).dead_lettered.records == 10u);
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_made_is_an_option_error)
{
    scratch place;
    std::ofstream(place.path() / "file").put('x');
    runtime threads(runtime_kind::one_thread);
    auto options = calm_options();
    options.on_permanent_failure(
        failure_policy::dead_letter((place.path() / "file" / "letters").string()));
    auto const channel = std::make_shared<fake_channel>();
    try
    {
        auto const sink = make_sink(threads.executor(), channel, options);
        BOOST_ERROR("no error");
    }
    catch (options_error const& e)
    {
        BOOST_TEST_REQUIRE(e.problems().size() == 1u);
        BOOST_TEST(e.problems()[0].name == "on_permanent_failure");
    }
}

BOOST_AUTO_TEST_CASE(a_batch_whose_time_is_over_goes_the_same_way)
{
    scratch place;
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hang; };
    auto options = calm_options();
    options.delivery_timeout(1s).on_permanent_failure(
        failure_policy::dead_letter((place.path() / "letters").string()));
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 10, 60));
    auto const report = threads.run(sink.close());
    BOOST_TEST(report.dead_lettered.records == 10u);
    BOOST_TEST(place.files(".csv.gz").size() == 1u);
}

BOOST_AUTO_TEST_CASE(when_the_sink_is_given_up_nothing_is_handed_over)
{
    scratch place;
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    channel->on_upload = [](std::size_t) { return answer::hang; };
    auto options = calm_options();
    options.on_permanent_failure(
        failure_policy::dead_letter((place.path() / "letters").string()));
    auto sink = make_sink(threads.executor(), channel, options);
    threads.run(produce(sink, 0, 10, 60));
    auto const report = threads.run(sink.close(deadline::after(20ms)));
    BOOST_TEST(report.failed.records == 10u);
    BOOST_TEST(place.files("").empty());
}

BOOST_AUTO_TEST_SUITE_END()
