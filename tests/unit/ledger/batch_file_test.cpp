#include "child.hpp"
#include "scratch.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <ledger/batch_file.hpp>
#include <optional>
#include <utility>

using namespace kusto;
using namespace kusto::test;
using ledger::batch_file;
using ledger::batch_file_writer;

namespace
{

constexpr char name[] = "batch-1.csv.gz";

batch_file_writer begun(std::filesystem::path const& directory)
{
    auto writer = batch_file_writer::create(directory, name);
    BOOST_REQUIRE(writer.has_value());
    return std::move(*writer);
}

core::sealed_batch described(batch_file_writer const& writer)
{
    core::sealed_batch out;
    out.file = writer.name();
    out.compressed_bytes = writer.size();
    out.crc = writer.crc();
    return out;
}

core::sealed_batch written(std::filesystem::path const& directory, std::string const& bytes)
{
    auto writer = begun(directory);
    BOOST_REQUIRE(writer.append(bytes_of(bytes)).has_value());
    BOOST_REQUIRE(writer.finish().has_value());
    return described(writer);
}

std::string text_of(batch_file const& file)
{
    auto const bytes = file.bytes();
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

void check_damaged(result<batch_file> const& opened, std::string const& says)
{
    BOOST_REQUIRE(opened.has_error());
    auto const& why = opened.error();
    BOOST_TEST((why.code() == errc::ledger_damaged), why.describe());
    BOOST_TEST((why.where() == stage::ledger));
    BOOST_TEST(!why.retryable());
    BOOST_TEST(has(why.message(), name));
    BOOST_TEST(has(why.message(), says), why.message());
    BOOST_TEST(has(why.message(), "resume_from_commit_table"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(batch_file_test)

BOOST_AUTO_TEST_CASE(what_was_appended_is_read_back)
{
    scratch const here;
    auto writer = begun(here.path);
    std::string all;
    for (std::size_t const size : {0u, 1u, 70'000u, 300'000u})
    {
        std::string const piece(size, static_cast<char>('a' + size % 7));
        BOOST_REQUIRE(writer.append(bytes_of(piece)).has_value());
        all += piece;
    }
    BOOST_TEST(writer.size() == all.size());
    BOOST_REQUIRE(writer.finish().has_value());
    BOOST_REQUIRE(writer.finish().has_value());
    auto opened = batch_file::open(here.path, described(writer));
    BOOST_REQUIRE(opened.has_value());
    BOOST_TEST((text_of(*opened) == all));
    auto const moved = std::move(*opened);
    BOOST_TEST((text_of(moved) == all));
    BOOST_TEST(opened->bytes().empty());
}

BOOST_AUTO_TEST_CASE(the_checksum_is_the_crc_32_of_gzip)
{
    scratch const here;
    BOOST_TEST(written(here.path, "123456789").crc == 0xcbf43926u);
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_a_file)
{
    scratch const here;
    auto const what = written(here.path, "");
    auto const opened = batch_file::open(here.path, what);
    BOOST_REQUIRE(opened.has_value());
    BOOST_TEST(opened->bytes().empty());
}

BOOST_AUTO_TEST_CASE(every_flipped_byte_is_found)
{
    scratch const here;
    std::string const good = "some bytes of gzip";
    auto const what = written(here.path, good);
    for (std::size_t i = 0; i < good.size(); ++i)
    {
        auto bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        overwrite(here.path / name, bad);
        check_damaged(batch_file::open(here.path, what), "checksum");
    }
    overwrite(here.path / name, good);
    BOOST_TEST(batch_file::open(here.path, what).has_value());
}

BOOST_AUTO_TEST_CASE(other_lengths_and_other_kinds_of_file_are_found)
{
    scratch const here;
    auto const what = written(here.path, "12345");
    overwrite(here.path / name, "1234");
    check_damaged(batch_file::open(here.path, what), "4 bytes instead of 5");
    overwrite(here.path / name, "");
    check_damaged(batch_file::open(here.path, what), "0 bytes instead of 5");
    overwrite(here.path / name, "123456");
    check_damaged(batch_file::open(here.path, what), "6 bytes instead of 5");
    std::filesystem::rename(here.path / name, here.path / "elsewhere");
    check_damaged(batch_file::open(here.path, what), "is missing");
    overwrite(here.path / "elsewhere", "12345");
    std::filesystem::create_symlink("elsewhere", here.path / name);
    check_damaged(batch_file::open(here.path, what), "is missing");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_finished_is_removed)
{
    scratch const here;
    {
        auto writer = begun(here.path);
        BOOST_REQUIRE(writer.append(bytes_of("x")).has_value());
        BOOST_TEST(std::filesystem::exists(here.path / name));
        auto const moved = std::move(writer);
        BOOST_TEST(std::filesystem::exists(here.path / name));
    }
    BOOST_TEST(!std::filesystem::exists(here.path / name));
    {
        auto writer = begun(here.path);
        auto other = batch_file_writer::create(here.path, "batch-2");
        BOOST_REQUIRE(other.has_value());
        writer = std::move(*other);
        BOOST_TEST(!std::filesystem::exists(here.path / name));
        BOOST_TEST(std::filesystem::exists(here.path / "batch-2"));
    }
    BOOST_TEST(std::filesystem::is_empty(here.path));
}

BOOST_AUTO_TEST_CASE(a_process_that_is_killed_before_the_end_leaves_a_file_of_nobody)
{
    scratch const here;
    std::optional<batch_file_writer> writer;
    child writing(
        [&]
        {
            auto created = batch_file_writer::create(here.path, name);
            writer.emplace(std::move(*created));
            return writer->append(bytes_of("half a batch")).has_value();
        },
        child::afterwards::stays);
    BOOST_REQUIRE(writing.good());
    writing.kill();
    auto const files = ledger::list_files(here.path);
    BOOST_REQUIRE(files.has_value());
    BOOST_REQUIRE(files->size() == 1u);
    BOOST_TEST(files->front().name == name);
    auto const plan = core::plan_recovery({}, *files);
    BOOST_REQUIRE(plan.has_value());
    BOOST_TEST(plan->remove == std::vector<std::string>{name}, boost::test_tools::per_element());
    BOOST_REQUIRE(ledger::remove_files(here.path, plan->remove).has_value());
    BOOST_TEST(std::filesystem::is_empty(here.path));
}

BOOST_AUTO_TEST_CASE(a_name_is_used_once)
{
    scratch const here;
    static_cast<void>(written(here.path, "first"));
    auto const second = batch_file_writer::create(here.path, name);
    BOOST_REQUIRE(second.has_error());
    BOOST_TEST((second.error().code() == errc::disk_failed));
    BOOST_TEST(content(here.path / name) == "first");
}

BOOST_AUTO_TEST_CASE(a_directory_that_refuses_is_named)
{
    scratch const here;
    overwrite(here.path / "file", "");
    auto const below = here.path / "file" / "d";
    auto const made = batch_file_writer::create(below, name);
    BOOST_REQUIRE(made.has_error());
    BOOST_TEST((made.error().code() == errc::disk_failed));
    BOOST_TEST(!made.error().retryable());
    BOOST_TEST(has(made.error().message(), (below / name).string()));
    auto const listed = ledger::list_files(below);
    BOOST_REQUIRE(listed.has_error());
    BOOST_TEST((listed.error().code() == errc::disk_failed));
    auto const removed = ledger::remove_files(below, {name});
    BOOST_REQUIRE(removed.has_error());
    BOOST_TEST((removed.error().code() == errc::disk_failed));
}

BOOST_AUTO_TEST_CASE(only_regular_files_are_listed_with_their_sizes)
{
    scratch const here;
    overwrite(here.path / "b", "123");
    overwrite(here.path / "a", "");
    std::filesystem::create_directory(here.path / "batch-directory");
    std::filesystem::create_symlink("b", here.path / "batch-link");
    auto files = ledger::list_files(here.path);
    BOOST_REQUIRE(files.has_value());
    std::sort(files->begin(), files->end(),
              [](auto const& one, auto const& other) { return one.name < other.name; });
    BOOST_REQUIRE(files->size() == 2u);
    BOOST_TEST(files->at(0).name == "a");
    BOOST_TEST(files->at(0).size == 0u);
    BOOST_TEST(files->at(1).name == "b");
    BOOST_TEST(files->at(1).size == 3u);
}

BOOST_AUTO_TEST_CASE(removing_what_is_gone_is_no_error)
{
    scratch const here;
    overwrite(here.path / "b", "123");
    BOOST_TEST(ledger::remove_files(here.path, {"a", "b", "c"}).has_value());
    BOOST_TEST(ledger::remove_files(here.path, {}).has_value());
    BOOST_TEST(std::filesystem::is_empty(here.path));
}

BOOST_AUTO_TEST_SUITE_END()
