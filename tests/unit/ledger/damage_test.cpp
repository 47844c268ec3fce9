#include "scratch.hpp"

#include <boost/test/unit_test.hpp>
#include <ledger/checkpoint_ledger.hpp>
#include <ledger/sqlite.hpp>
#include <random>

using namespace kusto;
using namespace kusto::test;
using ledger::checkpoint_ledger;

namespace
{

/// A directory with a ledger of two checkpoints.
class directory
{
public:
    directory() : file(here_.path / "ledger.sqlite")
    {
        auto ledger = checkpoint_ledger::open(here_.path, identity());
        if (ledger.has_error() || ledger->seal(checkpoint(1, 3)).has_error() ||
            ledger->seal(checkpoint(2, 3)).has_error())
            throw std::runtime_error("no ledger");
    }

    [[nodiscard]] std::filesystem::path const& path() const { return here_.path; }
    /// Opens and reads.
    [[nodiscard]] result<core::ledger_contents> read() const
    {
        auto const ledger = checkpoint_ledger::open(here_.path, identity());
        return ledger.has_error() ? ledger.error() : ledger->read();
    }
    void execute(std::string const& sql) const
    {
        ledger::sqlite::connection(file, ledger::sqlite::connection::mode::existing).execute(sql);
    }

private:
    scratch here_;

public:
    std::filesystem::path const file;
};

void check_damaged(result<core::ledger_contents> const& read, std::string const& says = {})
{
    BOOST_REQUIRE(read.has_error());
    auto const& why = read.error();
    BOOST_TEST((why.code() == errc::ledger_damaged), why.describe());
    BOOST_TEST((why.where() == stage::ledger));
    BOOST_TEST(!why.retryable());
    BOOST_TEST(has(why.message(), "ledger.sqlite"), why.message());
    BOOST_TEST(has(why.message(), says), why.message());
    BOOST_TEST(has(why.message(), "resume_from_commit_table(true)"), why.message());
}

} // namespace

BOOST_AUTO_TEST_SUITE(damage_test)

BOOST_AUTO_TEST_CASE(something_else_under_the_name)
{
    directory const d;
    overwrite(d.file, "");
    check_damaged(d.read(), "something else, or empty");
    overwrite(d.file, "{\"this is\": \"not a database\"}");
    check_damaged(d.read());
    overwrite(d.file, std::string(20'000, 'x'));
    check_damaged(d.read(), "not a database");
    std::filesystem::remove(d.file);
    ledger::sqlite::connection(d.file, ledger::sqlite::connection::mode::create)
        .execute("CREATE TABLE theirs(a)");
    check_damaged(d.read(), "something else");
    BOOST_TEST(!has(content(d.file), "CREATE TABLE job"));
}

BOOST_AUTO_TEST_CASE(cut_short)
{
    directory const d;
    auto const good = content(d.file);
    for (std::size_t size = 0; size < good.size(); size += 509)
    {
        overwrite(d.file, good.substr(0, size));
        check_damaged(d.read());
    }
    overwrite(d.file, good);
    BOOST_TEST(d.read().has_value());
}

BOOST_AUTO_TEST_CASE(garbage_in_the_middle_is_never_read_as_something_else)
{
    auto const seed = std::random_device()();
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    directory const d;
    auto const good = content(d.file);
    auto const before = d.read();
    BOOST_REQUIRE(before.has_value());
    std::size_t const page = 4096;
    for (std::size_t at = 0; at + page <= good.size(); at += page)
    {
        auto bad = good;
        for (std::size_t i = 0; i < page; ++i)
            bad[at + i] = static_cast<char>(random());
        overwrite(d.file, bad);
        check_damaged(d.read());
    }
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_left_to_the_newer_library)
{
    directory const d;
    d.execute("PRAGMA user_version=2");
    auto const before = content(d.file);
    check_damaged(d.read(), "has version 2");
    check_damaged(d.read(), "use the library that made it");
    BOOST_TEST((content(d.file) == before));
}

BOOST_AUTO_TEST_CASE(contents_and_tables_that_were_not_written_by_us)
{
    struct row
    {
        char const* says;
        char const* sql;
    };
    for (auto const& r : {
             row{"tables of version", "DROP TABLE batch"},
             row{"tables of version", "ALTER TABLE checkpoint ADD COLUMN extra INTEGER"},
             row{"has more in it", "CREATE TABLE extra(a)"},
             row{"has more in it",
                 "CREATE TRIGGER t AFTER UPDATE ON job BEGIN DELETE FROM batch; END"},
             row{"something else", "PRAGMA application_id=1"},
             row{"does not have the batches of checkpoint 2",
                 "DELETE FROM batch WHERE checkpoint = 2 AND number = 1"},
             row{"a batch without a checkpoint", "DELETE FROM checkpoint WHERE id = 1"},
             row{"does not say what it is for", "DELETE FROM job"},
             row{"CHECK", "PRAGMA ignore_check_constraints=1; UPDATE checkpoint SET attempt = -1"},
             row{"CHECK",
                 "PRAGMA ignore_check_constraints=1; UPDATE checkpoint SET state = 'lost'"},
         })
    {
        directory const d;
        d.execute(r.sql);
        check_damaged(d.read(), r.says);
    }
}

BOOST_AUTO_TEST_CASE(c13_no_new_ledger_is_made_where_there_was_one)
{
    directory const d;
    std::filesystem::remove(d.file);
    overwrite(d.path() / "batch-1-0.csv.gz", "x");
    check_damaged(d.read(), "'batch-1-0.csv.gz' is there");
    std::filesystem::remove(d.path() / "batch-1-0.csv.gz");
    overwrite(d.path() / "ledger.sqlite-journal", "x");
    check_damaged(d.read(), "'ledger.sqlite-journal' is there");
    std::filesystem::remove(d.path() / "ledger.sqlite-journal");
    BOOST_TEST(!std::filesystem::exists(d.file));
    auto const anew = d.read();
    BOOST_REQUIRE(anew.has_value());
    BOOST_TEST(anew->last_sealed == 0u);
}

BOOST_AUTO_TEST_CASE(what_a_crash_left_of_a_new_ledger_is_made_again)
{
    directory const d;
    std::filesystem::remove(d.file);
    overwrite(d.path() / "ledger.sqlite.new", "half");
    overwrite(d.path() / "ledger.sqlite.new-journal", "half");
    BOOST_TEST(d.read().has_value());
    BOOST_TEST(!std::filesystem::exists(d.path() / "ledger.sqlite.new"));
    BOOST_TEST(!std::filesystem::exists(d.path() / "ledger.sqlite.new-journal"));
}

BOOST_AUTO_TEST_CASE(a_directory_that_refuses_is_no_damage)
{
    directory const d;
    std::filesystem::remove(d.file);
    std::filesystem::create_directory(d.file);
    for (auto const& path : {d.path() / "missing", d.file / "ledger.sqlite", d.path(),
                             std::filesystem::path("/proc/self/fd")})
    {
        auto const opened = checkpoint_ledger::open(path, identity());
        BOOST_REQUIRE(opened.has_error());
        BOOST_TEST((opened.error().code() == errc::disk_failed), opened.error().describe());
        BOOST_TEST(!opened.error().retryable(), opened.error().describe());
        BOOST_TEST(has(opened.error().message(), path.string()));
    }
}

BOOST_AUTO_TEST_SUITE_END()
