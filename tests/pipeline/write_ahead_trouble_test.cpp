// The write-ahead sink when something is wrong: with the service, with the disk, with the data.
#include "write_ahead_bench.hpp"

#include <fstream>
#include <future>
#include <thread>

namespace asio = boost::asio;
namespace fs = std::filesystem;
using kusto::emulator::fault;
using kusto::emulator::fault_route;
using kusto::emulator::fault_script;
using kusto::test::bench;
using kusto::test::line;
using namespace std::chrono_literals;

namespace
{

/// The failure that `act` throws.
template <class Act>
kusto::failure failure_of(Act act)
{
    try
    {
        act();
    }
    catch (kusto::error const& e)
    {
        BOOST_TEST_MESSAGE(e.why().describe());
        return e.why();
    }
    BOOST_ERROR("nothing was thrown");
    return kusto::failure();
}

fs::path a_batch_file(bench const& here)
{
    for (auto const& one : fs::directory_iterator(here.directory.path / "sink"))
        if (one.path().filename().string().starts_with("batch-"))
            return one.path();
    return {};
}

fault_script script(std::initializer_list<fault> rules)
{
    fault_script made;
    for (auto const& rule : rules)
        made.add(rule);
    return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(write_ahead_trouble)

BOOST_AUTO_TEST_CASE(a_batch_that_is_refused_for_good_stops_the_commit_and_stays_committable)
{
    bench here;
    auto sink = here.open();
    here.write(sink, 0, 60);
    auto const id = here.local.run(sink.checkpoint("60"));
    using kind = kusto::emulator::ingestion_failure_kind;
    here.local.cluster.set_faults(script({fault::ingestion_fails(kind::permanent)}));
    auto const why = failure_of([&] { here.local.run(sink.commit(id)); });
    BOOST_TEST((why.code() == kusto::errc::ingestion_failed));
    BOOST_TEST(why.message().find("batch-") != std::string::npos);
    BOOST_TEST(sink.pending().size() == 1U);
    BOOST_TEST(sink.statistics().stages_abandoned >= 1U);
    here.check(0);
    here.local.cluster.set_faults(fault_script());
    here.local.run(sink.commit(id));
    here.check(60);
}

BOOST_AUTO_TEST_CASE(or_becomes_a_dead_letter)
{
    bench here;
    auto write = here.records();
    auto const letters = here.directory.path / "letters";
    fs::create_directory(letters);
    write.on_permanent_failure(kusto::failure_policy::dead_letter(letters.string()));
    write.parallelism(1).batch_size(1000);
    auto sink = here.open(write, here.options());
    here.write(sink, 0, 60);
    auto const id = here.local.run(sink.checkpoint("60"));
    using kind = kusto::emulator::ingestion_failure_kind;
    // Its one batch, in both attempts.
    here.local.cluster.set_faults(script({fault::ingestion_fails(kind::permanent).times(2)}));
    here.local.run(sink.commit(id));
    auto const files = std::distance(fs::directory_iterator(letters), fs::directory_iterator());
    BOOST_TEST(files == 2); // the batch and its reason
    here.check(0);
    BOOST_TEST(sink.pending().empty());
    here.write(sink, 60, 90);
    (void)here.local.run(sink.checkpoint_and_commit("90"));
    here.check(30);
    BOOST_TEST(here.local.ask("kusto_checkpoints | summarize sum(rows)") == "30");
}

BOOST_AUTO_TEST_CASE(damaged_batch_files_are_named)
{
    bench here;
    {
        auto sink = here.open();
        here.write(sink, 0, 30);
        auto const id = here.local.run(sink.checkpoint("30"));
        auto const file = a_batch_file(here);
        auto const content = fs::file_size(file);
        fs::resize_file(file, content - 1);
        auto const why = failure_of([&] { here.local.run(sink.commit(id)); });
        BOOST_TEST((why.code() == kusto::errc::ledger_damaged));
        BOOST_TEST(why.message().find(file.filename().string()) != std::string::npos);
        (void)here.local.run(sink.close());
    }
    BOOST_TEST((here.refusal(here.records(), here.options()) == kusto::errc::ledger_damaged));
    here.check(0);
}

BOOST_AUTO_TEST_CASE(a_ledger_that_is_none_is_refused)
{
    bench here;
    fs::create_directories(here.directory.path / "sink");
    std::ofstream(here.directory.path / "sink" / "ledger.sqlite") << "this is not a database";
    BOOST_TEST((here.refusal(here.records(), here.options()) == kusto::errc::ledger_damaged));
    // A directory below a file cannot be made.
    kusto::write_ahead_options nowhere(here.directory.path / "sink" / "ledger.sqlite" / "x", "job");
    BOOST_TEST((here.refusal(here.records(), nowhere) == kusto::errc::disk_failed));
}

BOOST_AUTO_TEST_CASE(a_principal_without_admin_is_refused)
{
    kusto::emulator::cluster_options options;
    bench here(options.role(kusto::emulator::principal_role::ingestor));
    BOOST_TEST((here.refusal(here.records(), here.options()) == kusto::errc::access_denied));
}

BOOST_AUTO_TEST_CASE(a_table_that_changes_is_noticed)
{
    bench here;
    auto ahead = here.options();
    ahead.expected_schema(kusto::schema_of<line>());
    auto sink = here.open(here.records(), ahead);
    here.write(sink, 0, 30);
    auto const id = here.local.run(sink.checkpoint("30"));
    here.local.command(".alter-merge table Lines (more: string)");
    auto const why = failure_of([&] { here.local.run(sink.commit(id)); });
    BOOST_TEST((why.code() == kusto::errc::schema_mismatch));
    BOOST_TEST(sink.pending().size() == 1U);
}

BOOST_AUTO_TEST_CASE(writing_and_sealing_go_on_while_a_commit_is_under_way)
{
    bench here;
    auto sink = here.open();
    here.write(sink, 0, 30);
    auto const first = here.local.run(sink.checkpoint("30"));
    here.local.cluster.set_faults(
        script({fault::delay(1500ms).on(fault_route::command), fault::delay(1500ms).on(fault_route::query)}));
    auto committed = asio::co_spawn(here.local.threads, sink.commit(first), asio::use_future);
    for (int i = 1; i <= 5; ++i)
    {
        here.write(sink, 30 * i, 30 * i + 30);
        (void)here.local.run(sink.checkpoint(std::to_string(30 * i + 30)));
    }
    BOOST_TEST((committed.wait_for(0s) == std::future_status::timeout));
    BOOST_TEST(sink.pending().size() == 6U);
    here.local.cluster.set_faults(fault_script());
    committed.get();
    here.local.run(sink.commit(6));
    here.check(180);
}

BOOST_AUTO_TEST_CASE(a_commit_has_a_deadline_and_goes_on_behind_it)
{
    bench here;
    auto sink = here.open();
    here.write(sink, 0, 30);
    auto const id = here.local.run(sink.checkpoint("30"));
    here.local.cluster.set_faults(script({fault::status(503).on(fault_route::command)}));
    auto const why =
        failure_of([&] { here.local.run(sink.commit(id, kusto::deadline::after(2s))); });
    BOOST_TEST((why.code() == kusto::errc::timed_out));
    BOOST_TEST(sink.statistics().trouble.has_value());
    // So does the end of the sink.
    auto const begun = std::chrono::steady_clock::now();
    auto const end = here.local.run(sink.close(kusto::deadline::after(200ms)));
    BOOST_TEST((std::chrono::steady_clock::now() - begun < 30s));
    BOOST_TEST(end.pending.records == 30U);
    here.local.cluster.set_faults(fault_script());
    auto again = here.open();
    here.local.run(again.commit(id));
    here.check(30);
    BOOST_TEST((failure_of([&] { here.local.run(again.commit(7)); }).code() ==
                kusto::errc::not_found));
}

BOOST_AUTO_TEST_CASE(after_close_nothing_is_accepted)
{
    bench here;
    auto sink = here.open();
    here.write(sink, 0, 10);
    (void)here.local.run(sink.close());
    BOOST_TEST((failure_of([&] { here.write(sink, 10, 11); }).code() == kusto::errc::closed));
    BOOST_TEST((failure_of([&] { (void)here.local.run(sink.checkpoint("x")); }).code() ==
                kusto::errc::closed));
    (void)here.local.run(sink.close());
    here.check(0);
}

BOOST_AUTO_TEST_CASE(two_sinks_of_one_job_do_not_take_each_others_checkpoints)
{
    bench here;
    auto one = here.open();
    kusto::write_ahead_options const elsewhere(here.directory.path / "other", "job_1");
    auto two = here.open(here.records(), elsewhere);
    here.write(one, 0, 20);
    (void)here.local.run(one.checkpoint_and_commit("20"));
    here.write(two, 20, 40);
    auto const why = failure_of([&] { (void)here.local.run(two.checkpoint_and_commit("20")); });
    BOOST_TEST((why.code() == kusto::errc::ledger_outdated));
    BOOST_TEST(two.pending().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
