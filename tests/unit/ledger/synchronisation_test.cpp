#include "scratch.hpp"
#include "sync_faults.hpp"

#include <boost/test/unit_test.hpp>
#include <ledger/batch_file.hpp>
#include <ledger/checkpoint_ledger.hpp>
#include <ledger/directory_lock.hpp>
#include <utility>

using namespace kusto;
using namespace kusto::test;
using ledger::batch_file_writer;
using ledger::checkpoint_ledger;

namespace
{

checkpoint_ledger opened(std::filesystem::path const& directory)
{
    auto ledger = checkpoint_ledger::open(directory, identity());
    BOOST_REQUIRE(ledger.has_value());
    return std::move(*ledger);
}

void check_not_to_be_repeated(failure const& why)
{
    BOOST_TEST((why.code() == errc::disk_failed), why.describe());
    BOOST_TEST((why.where() == stage::ledger));
    BOOST_TEST(!why.retryable(), why.describe());
}

} // namespace

BOOST_AUTO_TEST_SUITE(synchronisation_test)

BOOST_AUTO_TEST_CASE(everything_asks_for_durability)
{
    scratch const here;
    sync_faults::fail(0);
    auto const lock = ledger::directory_lock::take(here.path / "a" / "b");
    BOOST_TEST(sync_faults::calls() == 2u); // the parents of both
    sync_faults::fail(0);
    auto ledger = opened(here.path);
    BOOST_TEST(sync_faults::calls() >= 5u); // journal, its directory, database, directory twice
    sync_faults::fail(0);
    BOOST_REQUIRE(ledger.seal(checkpoint(1)).has_value());
    BOOST_TEST(sync_faults::calls() >= 4u); // journal, directory, database, directory
    // The removal of the journal is the commit.
    BOOST_TEST(sync_faults::latest() == std::filesystem::canonical(here.path));
    auto writer = batch_file_writer::create(here.path, "batch-1");
    BOOST_REQUIRE(writer.has_value());
    sync_faults::fail(0);
    BOOST_REQUIRE(writer->finish().has_value());
    BOOST_TEST(sync_faults::calls() == 2u);
    BOOST_REQUIRE(writer->finish().has_value());
    BOOST_TEST(sync_faults::calls() == 2u);
    BOOST_REQUIRE(ledger::remove_files(here.path, {"batch-1"}).has_value());
    BOOST_TEST(sync_faults::calls() == 3u);
}

BOOST_AUTO_TEST_CASE(a_batch_file_that_could_not_be_synchronised_is_never_finished)
{
    for (std::size_t number : {1u, 2u})
    {
        scratch const here;
        {
            auto writer = batch_file_writer::create(here.path, "batch-1");
            BOOST_REQUIRE(writer.has_value());
            BOOST_REQUIRE(writer->append(bytes_of("x")).has_value());
            sync_faults::fail(number);
            for (int i = 0; i < 3; ++i)
            {
                auto const finished = writer->finish();
                BOOST_REQUIRE(finished.has_error());
                check_not_to_be_repeated(finished.error());
            }
            BOOST_TEST(sync_faults::calls() == number);
            BOOST_TEST(writer->append(bytes_of("y")).has_error());
        }
        BOOST_TEST(std::filesystem::is_empty(here.path));
    }
    sync_faults::fail(0);
}

BOOST_AUTO_TEST_CASE(a_ledger_that_could_not_be_synchronised_is_to_be_opened_again)
{
    std::size_t failed = 0;
    for (std::size_t number = 1;; ++number)
    {
        scratch const here;
        auto ledger = opened(here.path);
        BOOST_REQUIRE(ledger.seal(checkpoint(1)).has_value());
        sync_faults::fail(number);
        auto const sealed = ledger.seal(checkpoint(2));
        bool const reached = sync_faults::calls() >= number;
        sync_faults::fail(0);
        if (!reached)
            break;
        // SQLite does not look at the synchronisation of the directory for the new journal.
        if (sealed.has_value())
            continue;
        ++failed;
        check_not_to_be_repeated(sealed.error());
        auto const again = ledger.seal(checkpoint(2));
        BOOST_REQUIRE(again.has_error());
        check_not_to_be_repeated(again.error());
        BOOST_TEST(ledger.read().has_error());
        auto const contents = opened(here.path).read();
        BOOST_REQUIRE(contents.has_value());
        auto const& all = contents->checkpoints;
        BOOST_REQUIRE((all.size() == 1 || all.size() == 2));
        BOOST_TEST((all.back() == checkpoint(all.size())));
        BOOST_TEST(contents->last_sealed == all.size());
        BOOST_TEST((contents->last_position == all.back().position));
    }
    BOOST_TEST(failed >= 3u);
}

BOOST_AUTO_TEST_CASE(a_new_ledger_that_could_not_be_synchronised_is_there_or_made_again)
{
    std::size_t failed = 0;
    for (std::size_t number = 1;; ++number)
    {
        scratch const here;
        sync_faults::fail(number);
        auto const made = checkpoint_ledger::open(here.path, identity());
        bool const reached = sync_faults::calls() >= number;
        sync_faults::fail(0);
        BOOST_TEST(opened(here.path).read().has_value());
        if (!reached)
            break;
        if (made.has_value())
            continue;
        ++failed;
        check_not_to_be_repeated(made.error());
    }
    BOOST_TEST(failed >= 4u);
}

BOOST_AUTO_TEST_CASE(a_directory_that_could_not_be_synchronised_is_not_taken)
{
    scratch const here;
    sync_faults::fail(1);
    auto const taken = ledger::directory_lock::take(here.path / "a");
    sync_faults::fail(0);
    BOOST_REQUIRE(taken.has_error());
    check_not_to_be_repeated(taken.error());
}

BOOST_AUTO_TEST_SUITE_END()
