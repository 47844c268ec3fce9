#include "child.hpp"
#include "scratch.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <ledger/checkpoint_ledger.hpp>
#include <ledger/sqlite.hpp>
#include <random>
#include <sqlite3.h>
#include <utility>

using namespace kusto;
using namespace kusto::test;
using ledger::checkpoint_ledger;
using enum checkpoint_state;

namespace
{

checkpoint_ledger opened(std::filesystem::path const& directory)
{
    auto ledger = checkpoint_ledger::open(directory, identity());
    if (ledger.has_error())
        throw std::runtime_error(ledger.error().describe());
    return std::move(*ledger);
}

/// As another process would find it.
core::ledger_contents found(std::filesystem::path const& directory)
{
    auto const contents = opened(directory).read();
    if (contents.has_error())
        throw std::runtime_error(contents.error().describe());
    return *contents;
}

void check_refused(result<void> const& done, std::string const& says)
{
    BOOST_REQUIRE(done.has_error());
    BOOST_TEST((done.error().code() == errc::ledger_damaged));
    BOOST_TEST(!done.error().retryable());
    BOOST_TEST(has(done.error().message(), says), done.error().message());
    BOOST_TEST(has(done.error().message(), "ledger.sqlite"));
}

bool same(core::ledger_contents const& one, core::ledger_contents const& other)
{
    return one.checkpoints == other.checkpoints && one.last_sealed == other.last_sealed &&
           one.last_committed == other.last_committed && one.last_position == other.last_position;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ledger_test)

BOOST_AUTO_TEST_CASE(a_new_one_is_empty_and_one_file)
{
    scratch const here;
    auto const contents = found(here.path);
    BOOST_TEST(contents.checkpoints.empty());
    BOOST_TEST(contents.last_sealed == 0u);
    BOOST_TEST(contents.last_committed == 0u);
    BOOST_TEST(!contents.last_position.has_value());
    BOOST_TEST(std::filesystem::file_size(here.path / "ledger.sqlite") > 0u);
    std::filesystem::remove(here.path / "ledger.sqlite");
    BOOST_TEST(std::filesystem::is_empty(here.path));
}

BOOST_AUTO_TEST_CASE(every_step_is_there_after_opening_again)
{
    scratch const here;
    auto first = checkpoint(1);
    BOOST_REQUIRE(opened(here.path).seal(first).has_value());
    auto contents = found(here.path);
    BOOST_REQUIRE(contents.checkpoints.size() == 1u);
    BOOST_TEST((contents.checkpoints[0] == first));
    BOOST_TEST(contents.last_sealed == 1u);
    BOOST_TEST((contents.last_position == first.position));

    auto const second = checkpoint(2, 0);
    BOOST_REQUIRE(opened(here.path).seal(second).has_value());
    contents = found(here.path);
    BOOST_REQUIRE(contents.checkpoints.size() == 2u);
    BOOST_TEST((contents.checkpoints[1] == second));
    BOOST_TEST((contents.last_position == second.position));

    for (int attempt = 1; attempt < 4; ++attempt)
    {
        auto const begun = opened(here.path).begin_attempt(1);
        BOOST_REQUIRE(begun.has_value());
        BOOST_TEST(*begun == attempt);
        BOOST_TEST(found(here.path).checkpoints[0].attempt == attempt);
    }
    for (auto const state : {staged, sealed, staged, moved, moved})
    {
        BOOST_REQUIRE(opened(here.path).set_state(1, state).has_value());
        BOOST_TEST((found(here.path).checkpoints[0].state == state));
        BOOST_TEST(found(here.path).last_committed == 0u);
    }
    BOOST_REQUIRE(opened(here.path).set_state(1, committed).has_value());
    BOOST_TEST(found(here.path).last_committed == 1u);
    BOOST_REQUIRE(opened(here.path).set_state(1, committed).has_value());
    BOOST_TEST(found(here.path).last_committed == 1u);
    first.state = committed;
    first.attempt = 3;
    BOOST_TEST((found(here.path).checkpoints[0] == first));

    BOOST_REQUIRE(opened(here.path).forget({1}).has_value());
    BOOST_REQUIRE(opened(here.path).forget({1}).has_value());
    contents = found(here.path);
    BOOST_REQUIRE(contents.checkpoints.size() == 1u);
    BOOST_TEST(contents.checkpoints[0].id == 2u);
    BOOST_TEST(contents.last_sealed == 2u);
    BOOST_TEST(contents.last_committed == 1u);
    BOOST_TEST((contents.last_position == second.position));
}

BOOST_AUTO_TEST_CASE(what_does_not_follow_is_refused_and_changes_nothing)
{
    scratch const here;
    auto ledger = opened(here.path);
    for (checkpoint_id id = 1; id <= 4; ++id)
        BOOST_REQUIRE(ledger.seal(checkpoint(id)).has_value());
    BOOST_REQUIRE(ledger.set_state(1, committed).has_value());
    BOOST_REQUIRE(ledger.set_state(2, moved).has_value());
    BOOST_REQUIRE(ledger.set_state(3, staged).has_value());
    auto const before = found(here.path);

    check_refused(ledger.seal(checkpoint(4)), "does not go on with checkpoint 4");
    check_refused(ledger.seal(checkpoint(6)), "does not go on with checkpoint 6");
    auto twice = checkpoint(5);
    twice.batches[1].file = twice.batches[0].file;
    check_refused(ledger.seal(twice), "UNIQUE");
    check_refused(ledger.set_state(9, moved), "lacks checkpoint 9");
    check_refused(ledger.set_state(1, sealed), "cannot become sealed");
    check_refused(ledger.set_state(2, staged), "cannot become staged");
    check_refused(ledger.set_state(2, sealed), "cannot become sealed");
    check_refused(ledger.set_state(3, committed), "not committed the checkpoint before 3");
    check_refused(ledger.forget({1, 2}), "has not committed checkpoint 2");
    for (checkpoint_id const id : {1, 2, 9})
    {
        auto const begun = ledger.begin_attempt(id);
        BOOST_REQUIRE(begun.has_error());
        BOOST_TEST((begun.error().code() == errc::ledger_damaged));
    }
    BOOST_TEST(same(found(here.path), before));
    BOOST_TEST(ledger.seal(checkpoint(5)).has_value());
    // A stage that turned out not to be complete is made again.
    BOOST_TEST(ledger.begin_attempt(3).value() == 1);
    BOOST_TEST((found(here.path).checkpoints.at(2).state == sealed));
}

BOOST_AUTO_TEST_CASE(restarting_forgets_and_goes_on_after)
{
    scratch const here;
    auto ledger = opened(here.path);
    BOOST_REQUIRE(ledger.seal(checkpoint(1)).has_value());
    BOOST_REQUIRE(ledger.seal(checkpoint(2)).has_value());
    BOOST_REQUIRE(ledger.restart_after({41, "forty-one"}).has_value());
    auto const contents = found(here.path);
    BOOST_TEST(contents.checkpoints.empty());
    BOOST_TEST(contents.last_sealed == 41u);
    BOOST_TEST(contents.last_committed == 41u);
    BOOST_TEST((contents.last_position == "forty-one"));
    BOOST_TEST(core::plan_recovery(contents, {}).has_value());
    BOOST_REQUIRE(ledger.seal(checkpoint(42)).has_value());
    BOOST_REQUIRE(ledger.set_state(42, committed).has_value());
    BOOST_TEST(found(here.path).last_committed == 42u);
}

BOOST_AUTO_TEST_CASE(an_empty_position_is_a_position)
{
    scratch const here;
    auto one = checkpoint(1);
    one.position.clear();
    BOOST_REQUIRE(opened(here.path).seal(one).has_value());
    auto const contents = found(here.path);
    BOOST_TEST((contents.last_position == std::string()));
    BOOST_TEST((contents.checkpoints.at(0) == one));
}

BOOST_AUTO_TEST_CASE(another_identity_is_refused_naming_what_differs)
{
    scratch const here;
    BOOST_REQUIRE(opened(here.path).seal(checkpoint(1)).has_value());
    std::pair<std::string, std::string ledger::ledger_identity::*> const parts[] = {
        {"job 'job_1', not 'other'", &ledger::ledger_identity::job},
        {"database 'db', not 'other'", &ledger::ledger_identity::database},
        {"table 't', not 'other'", &ledger::ledger_identity::table},
        {"protocol 'staged', not 'other'", &ledger::ledger_identity::protocol}};
    for (auto const& [says, part] : parts)
    {
        auto who = identity();
        who.*part = "other";
        auto const refused = checkpoint_ledger::open(here.path, who);
        BOOST_REQUIRE(refused.has_error());
        BOOST_TEST((refused.error().code() == errc::invalid_option));
        BOOST_TEST((refused.error().where() == stage::ledger));
        BOOST_TEST(has(refused.error().message(), says), refused.error().message());
        BOOST_TEST(has(refused.error().message(), "another directory"));
    }
    BOOST_TEST(found(here.path).last_sealed == 1u);
}

BOOST_AUTO_TEST_CASE(a_ledger_in_which_nothing_was_sealed_may_become_another)
{
    scratch const here;
    (void)opened(here.path);
    auto who = identity();
    who.table = "other";
    BOOST_TEST(checkpoint_ledger::open(here.path, who).has_value());
    BOOST_REQUIRE(checkpoint_ledger::open(here.path, who)->seal(checkpoint(1)).has_value());
    BOOST_TEST(checkpoint_ledger::open(here.path, identity()).has_error());
}

BOOST_AUTO_TEST_CASE(a_process_killed_in_a_commit_leaves_everything_as_it_was)
{
    scratch const here;
    BOOST_REQUIRE(opened(here.path).seal(checkpoint(1)).has_value());
    auto const before = found(here.path);
    child committing(
        [&]
        {
            sqlite3* database = nullptr;
            return sqlite3_open((here.path / "ledger.sqlite").c_str(), &database) == SQLITE_OK &&
                   sqlite3_exec(database,
                                "BEGIN IMMEDIATE; DELETE FROM batch; DELETE FROM checkpoint; "
                                "UPDATE job SET last_committed = 1",
                                nullptr, nullptr, nullptr) == SQLITE_OK &&
                   sqlite3_db_cacheflush(database) == SQLITE_OK;
        },
        child::afterwards::stays);
    BOOST_REQUIRE(committing.good());
    committing.kill();
    BOOST_REQUIRE(std::filesystem::exists(here.path / "ledger.sqlite-journal"));
    BOOST_TEST(same(found(here.path), before));
    BOOST_TEST(!std::filesystem::exists(here.path / "ledger.sqlite-journal"));
}

BOOST_AUTO_TEST_CASE(another_program_that_writes_is_an_error_that_passes)
{
    scratch const here;
    auto ledger = opened(here.path);
    {
        ledger::sqlite::connection other(here.path / "ledger.sqlite",
                                         ledger::sqlite::connection::mode::existing);
        ledger::sqlite::transaction const held(other);
        auto const refused = ledger.seal(checkpoint(1));
        BOOST_REQUIRE(refused.has_error());
        BOOST_TEST((refused.error().code() == errc::disk_failed));
        BOOST_TEST(refused.error().retryable());
    }
    BOOST_TEST(ledger.seal(checkpoint(1)).has_value());
}

BOOST_AUTO_TEST_CASE(random_steps_agree_with_a_model_and_pass_recovery)
{
    auto const seed = std::random_device()();
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    scratch const here;
    core::ledger_contents model;
    auto ledger = opened(here.path);
    for (int step = 0; step < 60; ++step)
    {
        auto& all = model.checkpoints;
        auto const next = model.last_committed + 1;
        switch (random() % 4)
        {
        case 0:
            all.push_back(checkpoint(++model.last_sealed, static_cast<int>(random() % 4)));
            model.last_position = all.back().position;
            BOOST_REQUIRE(ledger.seal(all.back()).has_value());
            break;
        case 1:
            if (next > model.last_sealed)
                break;
            BOOST_REQUIRE(ledger.set_state(next, committed).has_value());
            std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.id == next; })
                ->state = committed;
            model.last_committed = next;
            break;
        case 2:
            if (all.empty() || all.front().state != committed)
                break;
            BOOST_REQUIRE(ledger.forget({all.front().id}).has_value());
            all.erase(all.begin());
            break;
        default:
            ledger = opened(here.path);
            break;
        }
        auto const contents = ledger.read();
        BOOST_REQUIRE(contents.has_value());
        BOOST_REQUIRE(same(*contents, model));
        std::vector<core::found_file> files;
        for (auto const& one : all)
            for (auto const& batch : one.batches)
                files.push_back({batch.file, batch.compressed_bytes});
        BOOST_REQUIRE(core::plan_recovery(*contents, files).has_value());
    }
}

BOOST_AUTO_TEST_SUITE_END()
