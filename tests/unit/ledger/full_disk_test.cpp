#include "child.hpp"
#include "scratch.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <iostream>
#include <ledger/batch_file.hpp>
#include <ledger/checkpoint_ledger.hpp>

// A child whose files cannot grow stands in for a disk that is full: a part is written, and then no
// more.

using namespace kusto;
using namespace kusto::test;
using ledger::batch_file;
using ledger::batch_file_writer;
using ledger::checkpoint_ledger;

namespace
{

/// Prints what was not as it should be: the child has no test framework.
bool check(bool good, std::string const& what)
{
    if (!good)
        std::cerr << "full disk: " << what << std::endl;
    return good;
}

bool passes(failure const& why)
{
    return check(why.code() == errc::disk_failed && why.retryable(), why.describe());
}

bool same(core::ledger_contents const& one, core::ledger_contents const& other)
{
    return one.checkpoints == other.checkpoints && one.last_sealed == other.last_sealed &&
           one.last_committed == other.last_committed && one.last_position == other.last_position;
}

core::sealed_checkpoint large(checkpoint_id id)
{
    auto out = checkpoint(id, 40);
    out.position.assign(60'000, static_cast<char>('a' + id));
    return out;
}

/// Runs `change` when no file can grow beyond `limit`, and again when it can.
bool survives(std::filesystem::path const& directory, unsigned long limit,
              std::function<result<void>(checkpoint_ledger&)> const& change)
{
    auto ledger = checkpoint_ledger::open(directory, identity());
    if (!check(ledger.has_value(), "open"))
        return false;
    auto const before = ledger->read();
    limit_file_size(limit);
    auto const first = change(*ledger);
    auto const meanwhile = ledger->read();
    lift_file_size_limit();
    if (first.has_value())
        return true;
    auto const text = "limit " + std::to_string(limit);
    if (!passes(first.error()) || !check(meanwhile.has_value(), text + ": read") ||
        !check(same(*meanwhile, *before), text + ": changed"))
        return false;
    auto const again = checkpoint_ledger::open(directory, identity());
    return check(again.has_value() && same(*again->read(), *before), text + ": opened again") &&
           check(change(*ledger).has_value(), text + ": again");
}

} // namespace

BOOST_AUTO_TEST_SUITE(full_disk_test)

BOOST_AUTO_TEST_CASE(c12_a_batch_file_is_cut_back_and_goes_on)
{
    scratch const here;
    std::string const piece(64 << 10, 'a');
    std::string const other(64 << 10, 'b');
    auto const act = [&]
    {
        auto writer = batch_file_writer::create(here.path, "batch-1");
        if (writer.has_error() || writer->append(bytes_of(piece)).has_error())
            return false;
        auto const crc = writer->crc();
        limit_file_size(100'000);
        for (int i = 0; i < 3; ++i)
        {
            auto const full = writer->append(bytes_of(other));
            if (!check(full.has_error(), "no limit") || !passes(full.error()) ||
                !check(has(full.error().message(), "batch-1"), "not named") ||
                !check(writer->size() == piece.size() && writer->crc() == crc, "counted") ||
                !check(std::filesystem::file_size(here.path / "batch-1") == piece.size(), "cut"))
                return false;
        }
        lift_file_size_limit();
        return writer->append(bytes_of(other)).has_value() && writer->finish().has_value();
    };
    child const writing(act, child::afterwards::ends);
    BOOST_REQUIRE(writing.good());
    BOOST_TEST((content(here.path / "batch-1") == piece + other));
}

BOOST_AUTO_TEST_CASE(c12_every_instant_at_which_the_disk_can_be_full_while_sealing)
{
    for (unsigned long limit = 0; limit < 120'000; limit += 5'000)
    {
        scratch const here;
        child const sealing(
            [&] {
                return survives(here.path, limit,
                                [](auto& ledger) { return ledger.seal(large(1)); });
            },
            child::afterwards::ends);
        BOOST_TEST(sealing.good(), "limit " << limit);
        auto const ledger = checkpoint_ledger::open(here.path, identity());
        BOOST_REQUIRE(ledger.has_value());
        auto const contents = ledger->read();
        BOOST_REQUIRE(contents.has_value());
        BOOST_REQUIRE(contents->checkpoints.size() == 1u);
        BOOST_TEST((contents->checkpoints[0] == large(1)));
    }
}

BOOST_AUTO_TEST_CASE(c12_earlier_checkpoints_can_still_be_committed)
{
    scratch const here;
    auto const act = [&]
    {
        auto ledger = checkpoint_ledger::open(here.path, identity());
        if (ledger.has_error() || ledger->seal(checkpoint(1)).has_error())
            return false;
        // Larger than the database, smaller than it with the checkpoint.
        limit_file_size(50'000);
        auto const full = ledger->seal(large(2));
        return check(full.has_error(), "no limit") && passes(full.error()) &&
               ledger->begin_attempt(1).has_value() &&
               ledger->set_state(1, checkpoint_state::committed).has_value() &&
               ledger->forget({1}).has_value();
    };
    child const sealing(act, child::afterwards::ends);
    BOOST_TEST(sealing.good());
}

BOOST_AUTO_TEST_CASE(a_new_ledger_waits_for_room)
{
    for (unsigned long limit = 0; limit < 24'000; limit += 3'000)
    {
        scratch const here;
        child const making(
            [&]
            {
                limit_file_size(limit);
                auto const full = checkpoint_ledger::open(here.path, identity());
                lift_file_size_limit();
                if (!check(full.has_error(), "no limit") || !passes(full.error()))
                    return false;
                return checkpoint_ledger::open(here.path, identity()).has_value();
            },
            child::afterwards::ends);
        BOOST_TEST(making.good(), "limit " << limit);
    }
}

BOOST_AUTO_TEST_SUITE_END()
