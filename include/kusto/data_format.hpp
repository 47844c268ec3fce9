#pragma once

namespace kusto
{

/// Text format of records and batches.
enum class data_format
{
    csv,
    json, ///< one JSON object per line
};

} // namespace kusto
