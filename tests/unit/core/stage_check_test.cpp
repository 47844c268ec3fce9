#include <core/stage_check.hpp>

#include <boost/test/unit_test.hpp>

using namespace kusto;
using kind = core::stage_verdict::kind;
using indices = std::vector<std::size_t>;
using texts = std::vector<std::string>;

namespace
{

constexpr auto checkpoint = "drop-by:kusto-wal/job/7";
constexpr auto first = "ingest-by:kusto-wal/job/7/0";
constexpr auto second = "ingest-by:kusto-wal/job/7/1";

std::vector<core::expected_batch> const batches{{first, 10}, {second, 5}};

using extents = std::vector<core::staged_extent>;

core::stage_verdict check(extents const& of)
{
    return core::check_stage(batches, checkpoint, of);
}

} // namespace

BOOST_AUTO_TEST_SUITE(stage_check_test)

BOOST_AUTO_TEST_CASE(tags_are_compared_whole)
{
    core::staged_extent const one{"e", 1, {"drop-by:kusto-wal/job/7", "x"}};
    BOOST_TEST(one.has("drop-by:kusto-wal/job/7"));
    BOOST_TEST(one.has("x"));
    for (auto const* other : {"drop-by:kusto-wal/job/77", "drop-by:kusto-wal/job",
                              "drop-by:kusto-wal/Job/7", "kusto-wal/job/7", ""})
        BOOST_TEST(!one.has(other), other);
    BOOST_TEST(!core::staged_extent().has(""));
}

BOOST_AUTO_TEST_CASE(complete)
{
    auto const verdict = check({{"a", 10, {checkpoint, first}}, {"b", 5, {second, checkpoint}}});
    BOOST_TEST((verdict.what == kind::complete));
    BOOST_TEST(verdict.extent_ids == (texts{"a", "b"}));
    BOOST_TEST(verdict.missing.empty());
    BOOST_TEST(verdict.why.empty());
}

BOOST_AUTO_TEST_CASE(several_extents_of_one_batch)
{
    auto const verdict = check({{"a", 4, {checkpoint, first}},
                                {"b", 5, {checkpoint, second}},
                                {"c", 6, {checkpoint, first}},
                                {"d", 0, {checkpoint, first}}});
    BOOST_TEST((verdict.what == kind::complete));
    BOOST_TEST(verdict.extent_ids == (texts{"a", "b", "c", "d"}));
}

BOOST_AUTO_TEST_CASE(incomplete)
{
    struct row
    {
        char const* what;
        extents seen;
        indices missing;
    };
    row const rows[] = {
        {"nothing yet", {}, {0, 1}},
        {"the second not yet", {{"a", 10, {checkpoint, first}}}, {1}},
        {"the first not yet", {{"a", 5, {checkpoint, second}}}, {0}},
        {"a part of the first",
         {{"a", 9, {checkpoint, first}}, {"b", 5, {checkpoint, second}}},
         {0}},
        {"an extent without rows", {{"a", 0, {checkpoint, first}}}, {0, 1}},
    };
    for (auto const& r : rows)
    {
        BOOST_TEST_CONTEXT(r.what)
        {
            auto const verdict = check(r.seen);
            BOOST_TEST((verdict.what == kind::incomplete));
            BOOST_TEST(verdict.missing == r.missing);
            BOOST_TEST(verdict.extent_ids.empty());
            BOOST_TEST(verdict.why.empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(excess)
{
    struct row
    {
        char const* what;
        core::staged_extent extent;
        char const* why;
    };
    row const rows[] = {
        {"a batch twice",
         {"x", 10, {checkpoint, first}},
         "extent x brings batch 0 above its 10 rows"},
        {"one row too many",
         {"x", 1, {checkpoint, second}},
         "extent x brings batch 1 above its 5 rows"},
        {"more than can be added up",
         {"x", UINT64_MAX, {checkpoint, first}},
         "extent x brings batch 0 above its 10 rows"},
        {"no tag of the checkpoint", {"x", 0, {first}}, "extent x lacks the tag of the checkpoint"},
        {"no tags", {"x", 0, {}}, "extent x lacks the tag of the checkpoint"},
        {"tags of another checkpoint",
         {"x", 1, {"drop-by:kusto-wal/job/77", "ingest-by:kusto-wal/job/77/0"}},
         "extent x lacks the tag of the checkpoint"},
        {"no batch",
         {"x", 0, {checkpoint}},
         "extent x has the tags of 0 batches of the checkpoint instead of 1"},
        {"a batch that was not sealed",
         {"x", 0, {checkpoint, "ingest-by:kusto-wal/job/7/2"}},
         "extent x has the tags of 0 batches of the checkpoint instead of 1"},
        {"the same terms",
         {"x", 0, {checkpoint, "ingest-by:kusto-wal/job/7/00"}},
         "extent x has the tags of 0 batches of the checkpoint instead of 1"},
        {"merged",
         {"x", 0, {checkpoint, first, second}},
         "extent x has the tags of 2 batches of the checkpoint instead of 1"},
    };
    for (auto const& r : rows)
    {
        BOOST_TEST_CONTEXT(r.what)
        {
            extents const whole{{"a", 10, {checkpoint, first}}, {"b", 5, {checkpoint, second}}};
            for (std::size_t at = 0; at <= whole.size(); ++at)
            {
                auto seen = whole;
                seen.insert(seen.begin() + static_cast<std::ptrdiff_t>(at), r.extent);
                auto const verdict = check(seen);
                BOOST_TEST((verdict.what == kind::excess));
                BOOST_TEST(verdict.extent_ids.empty());
                BOOST_TEST(verdict.missing.empty());
                if (at == whole.size())
                    BOOST_TEST(verdict.why == r.why);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(excess_of_one_batch_does_not_make_up_for_another)
{
    auto const verdict = check({{"a", 11, {checkpoint, first}}, {"b", 4, {checkpoint, second}}});
    BOOST_TEST((verdict.what == kind::excess));
}

BOOST_AUTO_TEST_CASE(a_tag_twice_on_one_extent_and_foreign_tags_do_no_harm)
{
    auto const verdict = check(
        {{"a", 10, {checkpoint, first, first, "of the service"}}, {"b", 5, {checkpoint, second}}});
    BOOST_TEST((verdict.what == kind::complete));
}

BOOST_AUTO_TEST_CASE(batches_without_rows_need_no_extent)
{
    std::vector<core::expected_batch> const some{{first, 0}, {second, 5}};
    extents seen{{"b", 5, {checkpoint, second}}};
    auto verdict = core::check_stage(some, checkpoint, seen);
    BOOST_TEST((verdict.what == kind::complete));
    BOOST_TEST(verdict.extent_ids == (texts{"b"}));
    seen.push_back({"a", 0, {checkpoint, first}});
    verdict = core::check_stage(some, checkpoint, seen);
    BOOST_TEST((verdict.what == kind::complete));
    BOOST_TEST(verdict.extent_ids == (texts{"b", "a"}));
    seen.back().rows = 1;
    BOOST_TEST((core::check_stage(some, checkpoint, seen).what == kind::excess));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_without_batches)
{
    auto const verdict = core::check_stage({}, checkpoint, {});
    BOOST_TEST((verdict.what == kind::complete));
    BOOST_TEST(verdict.extent_ids.empty());
    extents const seen{{"a", 0, {checkpoint}}};
    BOOST_TEST((core::check_stage({}, checkpoint, seen).what == kind::excess));
}

BOOST_AUTO_TEST_CASE(direct)
{
    struct row
    {
        char const* what;
        extents seen;
        indices missing;
        indices duplicated;
    };
    row const rows[] = {
        {"nothing yet", {}, {0, 1}, {}},
        {"both", {{"a", 10, {first}}, {"b", 5, {second}}}, {}, {}},
        {"one", {{"a", 10, {first}}}, {1}, {}},
        {"fewer rows, but the tag", {{"a", 3, {first}}, {"b", 5, {second}}}, {}, {}},
        {"several extents of a batch", {{"a", 4, {first}}, {"b", 6, {first}}}, {1}, {}},
        {"merged with each other", {{"a", 15, {first, second}}}, {}, {}},
        {"merged with another checkpoint's",
         {{"a", 900, {"ingest-by:kusto-wal/job/6/0", first}}},
         {1},
         {}},
        {"merged, and the rest of the batch",
         {{"a", 900, {first, second}}, {"b", 10, {first}}},
         {},
         {}},
        {"twice", {{"a", 10, {first}}, {"b", 10, {first}}, {"c", 5, {second}}}, {}, {0}},
        {"twice in one extent, other tags too", {{"a", 20, {first, "drop-by:x", "x"}}}, {1}, {0}},
        {"both twice", {{"a", 11, {first}}, {"b", 5, {second}}, {"c", 5, {second}}}, {}, {0, 1}},
        {"more than can be added up", {{"a", 1, {first}}, {"b", UINT64_MAX, {first}}}, {1}, {0}},
        {"the same terms only",
         {{"a", 10, {"ingest-by:kusto-wal/job/7/00"}}, {"b", 5, {"kusto-wal/job/7/1"}}},
         {0, 1},
         {}},
        {"other data of the table", {{"a", 10, {}}, {"b", 5, {"x"}}}, {0, 1}, {}},
    };
    for (auto const& r : rows)
    {
        BOOST_TEST_CONTEXT(r.what)
        {
            auto const verdict = core::check_direct(batches, r.seen);
            BOOST_TEST(verdict.missing == r.missing);
            BOOST_TEST(verdict.duplicated == r.duplicated);
        }
    }
}

BOOST_AUTO_TEST_CASE(direct_batches_without_rows)
{
    std::vector<core::expected_batch> const some{{first, 0}};
    BOOST_TEST(core::check_direct(some, {}).missing.empty());
    extents const seen{{"a", 1, {first}}};
    BOOST_TEST(core::check_direct(some, seen).duplicated == (indices{0}));
}

BOOST_AUTO_TEST_CASE(schemas)
{
    struct row
    {
        table_schema expected;
        table_schema actual;
        std::optional<std::string> why;
    };
    table_schema const both{{"a", "long"}, {"b", "string"}};
    row const rows[] = {
        {both, both, std::nullopt},
        {{}, {}, std::nullopt},
        {both,
         {{"b", "string"}, {"a", "long"}},
         R"(column 1 is "b" of type string in the table and "a" of type long in the records)"},
        {both,
         {{"a", "long"}, {"b", "dynamic"}},
         R"(column 2 is "b" of type dynamic in the table and "b" of type string in the records)"},
        {both,
         {{"a", "long"}, {"B", "string"}},
         R"(column 2 is "B" of type string in the table and "b" of type string in the records)"},
        {both, {{"a", "long"}}, R"(the table lacks column 2 of the records, "b" of type string)"},
        {{{"a", "long"}}, both, R"(the records lack column 2 of the table, "b" of type string)"},
        {both, {}, R"(the table lacks column 1 of the records, "a" of type long)"},
    };
    for (auto const& r : rows)
    {
        auto const why = core::compare_schemas(r.expected, r.actual);
        BOOST_TEST((why == r.why), why.value_or("agree"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
