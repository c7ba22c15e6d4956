-- What the Markdown of a report becomes on its way to HTML: intervals get a class, so that they can be set smaller;
-- anything that our own templates never write (raw HTML, images other than its figures) is dropped.

local figures = {}

local function interval_spans(inlines)
  local result = pandoc.List()
  local inside = nil
  for _, element in ipairs(inlines) do
    local text = element.t == 'Str' and element.text or nil
    if inside == nil and text and text:sub(1, 1) == '[' then inside = pandoc.List() end
    if inside then inside:insert(element) else result:insert(element) end
    if inside and text and text:sub(-1) == ']' then
      result:insert(pandoc.Span(inside, pandoc.Attr('', { 'interval' })))
      inside = nil
    end
  end
  if inside then result:extend(inside) end
  return result
end

local function only_figures(image)
  if not figures[image.src] then return {} end
  image.title = 'fig:' .. image.title -- how pandoc 2 tells a figure with a caption from an image in the text
  return image
end

-- For paper: only a table that is too long may be divided, and a section with one that is too wide gets pages that are.
-- Columns stand closer before that, and may break their lines where even such a page can't hold them.
local longest_undivided, widest_loose, widest_upright, widest_unbroken = 24, 7, 9, 14

local function table_for_paper(element)
  local rows = 0
  for _, body in ipairs(element.bodies) do rows = rows + #body.body end
  if rows > longest_undivided then element.classes:insert('long') end
  if #element.colspecs > widest_loose then element.classes:insert('close') end
  if #element.colspecs > widest_unbroken then element.classes:insert('broken') end
  return pandoc.walk_block(element, { Inlines = interval_spans })
end

local function is_wide(block) return block.t == 'Table' and #block.colspecs > widest_upright end

local function sections_for_paper(document)
  local blocks, section, wide = pandoc.List(), pandoc.List(), false
  local function close()
    if wide then blocks:insert(pandoc.Div(section, pandoc.Attr('', { 'wide' }))) else blocks:extend(section) end
    section, wide = pandoc.List(), false
  end
  for _, block in ipairs(document.blocks) do
    if block.t == 'Header' then close() end
    section:insert(block)
    wide = wide or is_wide(block)
  end
  close()
  document.blocks = blocks
  return document
end

return {
  { Meta = function(meta)
      for name in pandoc.utils.stringify(meta.figures or ''):gmatch('%S+') do figures[name] = true end
    end },
  { Image = only_figures,
    RawInline = function() return {} end,
    RawBlock = function() return {} end,
    Table = table_for_paper,
    Pandoc = sections_for_paper },
}
